"""What has been mined so far: one file of JSON lines a project, which only grows, so that a run can be killed at any moment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import IO

import msgspec

from ...graph.build import EXTRACTOR_VERSION
from ...rewrites.registry import rules
from .record import Chunk, Header

SUFFIX = ".jsonl"


def rules_version() -> str:
    """The rules and the extractor by which changes are matched, such as ``BL101-BL502 x12, extractor 2, libcst 1.8.5``."""
    codes = [rule.code for rule in rules()]
    digest = hashlib.sha256(" ".join(codes).encode()).hexdigest()[:6]
    return f"{len(codes)} rules {codes[0]}-{codes[-1]} ({digest}), extractor {EXTRACTOR_VERSION}, libcst {version('libcst')}"


class Log:
    """The log of one project."""

    def __init__(self, folder: Path, header: Header) -> None:
        """Opens the log; what was made with other settings or rules is set aside under another name."""
        self.path = folder / f"{header.project.replace('/', '+')}{SUFFIX}"
        self.header = header
        self.done: set[str] = set()
        if self.path.exists():
            found = _whole(self.path)
            if found and msgspec.json.decode(found[0], type=Header) == header:
                self.done = {msgspec.json.decode(line, type=Chunk).key for line in found[1:]}
            else:
                self.path.replace(self.path.with_suffix(".old"))
        if not self.path.exists():
            self.path.write_bytes(msgspec.json.encode(header) + b"\n")
        self._stream: IO[bytes] = self.path.open("ab")

    def write(self, chunk: Chunk) -> None:
        self._stream.write(msgspec.json.encode(chunk) + b"\n")
        self._stream.flush()
        self.done.add(chunk.key)

    def close(self) -> None:
        self._stream.close()


def read(path: Path) -> tuple[Header, Iterator[Chunk]]:
    """A log's header and chunks.  Raises ValueError for a file that is no log."""
    lines = path.read_bytes().split(b"\n")[:-1]
    try:
        return msgspec.json.decode(lines[0], type=Header), (msgspec.json.decode(line, type=Chunk) for line in lines[1:])
    except (IndexError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: this is no log of `buglab mine` ({error}); delete it and mine again") from None


def _whole(path: Path) -> list[bytes]:
    """The lines of a log; the end of one that was being written when the run was killed is cut off."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return whole.split(b"\n")[:-1]
