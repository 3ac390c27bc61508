"""How long an editor waits for `buglab server`: from a notification to the diagnostics that answer it.

    python benchmarks/editing.py [--repeat N] [--model FOLDER]

A real client over standard input and output, with two files of the running interpreter's standard library of about 500 and
3,000 lines.  They are opened (the first one loads the model), saved after a line in a function changed, each time another one,
and saved as they were.  Seconds on the clock, the middle of ``--repeat``; the server's CPU seconds beside them; its resident
memory at the end.  There is no cache on disk at the start.  A table; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import psutil
from lsprotocol import types
from pygls.lsp.client import LanguageClient

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = ("textwrap.py", "tarfile.py")
"""About 500 and 3,000 lines."""


class Editor(LanguageClient):
    """An editor with one document at a time."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self._published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self._published.put_nowait(params)

    async def opened(self, uri: str, text: str) -> None:
        self.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text)))
        await self._published.get()

    async def saved(self, uri: str, version: int, text: str) -> None:
        """Change, save, wait."""
        document = types.VersionedTextDocumentIdentifier(version, uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        while (await self._published.get()).version != version:
            pass


class Clock:
    """Seconds on the clock and CPU seconds of the server, in that order."""

    def __init__(self, server: psutil.Process) -> None:
        self.server = server
        self.times: dict[str, list[tuple[float, float]]] = {}
        self.start()

    def start(self) -> None:
        spent = self.server.cpu_times()
        self._began = time.perf_counter(), spent.user + spent.system

    def stop(self, name: str) -> None:
        spent = self.server.cpu_times()
        now = time.perf_counter(), spent.user + spent.system
        self.times.setdefault(name, []).append((now[0] - self._began[0], now[1] - self._began[1]))

    def middle(self, name: str) -> tuple[float, float]:
        return tuple(map(statistics.median, zip(*self.times[name], strict=True)))  # type: ignore[return-value]


def changed(text: str, number: int) -> str:
    """``text`` with another line at the beginning of its ``number``-th function or so."""
    rows = text.splitlines(keepends=True)
    at = [row for row, line in enumerate(rows) if line.rstrip().endswith(":") and line.lstrip().startswith("def ")]
    row = at[number * 7 % len(at)]
    indent = len(rows[row]) - len(rows[row].lstrip()) + 4
    return "".join([*rows[: row + 1], f"{' ' * indent}changed = {number}\n", *rows[row + 1 :]])


async def session(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    if given.model:
        (folder / "pyproject.toml").write_text(f'[tool.buglab]\nmodel = "{given.model.resolve()}"\n', encoding="utf-8")
    os.environ["BUGLAB_CACHE_DIR"] = str(folder / "cache")
    editor = Editor()
    await editor.start_io(sys.executable, "-m", "buglab", "server", cwd=folder)
    (server,) = psutil.Process().children()
    clock, lines = Clock(server), []
    await editor.initialize_async(types.InitializeParams(types.ClientCapabilities(), root_uri=folder.as_uri()))
    editor.initialized(types.InitializedParams())
    clock.stop("start")
    for name in FILES:
        text = (STDLIB / name).read_text(encoding="utf-8")
        uri = (folder / name).as_uri()
        lines.append(text.count("\n"))
        clock.start()
        await editor.opened(uri, text)
        clock.stop(f"open {name}")
        for number in range(given.repeat):
            clock.start()
            await editor.saved(uri, 2 * number + 2, changed(text, number))
            clock.stop(f"change {name}")
        clock.start()
        await editor.saved(uri, 2 * number + 3, text)
        clock.stop(f"undo {name}")
    memory = server.memory_info().rss / 1e6
    await editor.shutdown_async(None)
    editor.exit(None)
    await editor.stop()

    print(f"{'':<34}{'seconds':>9}{'CPU s':>9}")
    figures: dict[str, object] = {"resident_mb": round(memory)}
    for what, key, name in (
        ("start of the server", "start", "start"),
        *((f"{what}, {n:,} lines", f"{key}_{n}", f"{key} {name}") for n, name in zip(lines, FILES, strict=True)
          for what, key in (("opened", "open"), ("one line changed and saved", "change"), ("as it was, saved", "undo"))),
    ):  # fmt: skip
        wall, cpu = clock.middle(name)
        print(f"{what:<34}{wall:>9.2f}{cpu:>9.2f}")
        figures |= {f"{key}_s": round(wall, 2), f"{key}_cpu_s": round(cpu, 2)}
    print(f"resident memory at the end: {memory:.0f} MB")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--model", type=Path)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(session(Path(folder), parser.parse_args()))))


if __name__ == "__main__":
    main()
