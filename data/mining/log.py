"""What has been mined so far: one file of JSON lines a project, which only grows, so that a run can be killed at any moment."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import IO

import msgspec

from ...graph.build import EXTRACTOR_VERSION
from ...rewrites.registry import rules
from .record import Chunk, Header

SUFFIX = ".jsonl"


def rules_version(unmatched: Collection[str]) -> str:
    """The rules and the extractor by which changes are matched, such as ``12 rules BL101-BL502 (8c1f0a), extractor 2, ...``."""
    codes = [rule.code for rule in rules()]
    digest = hashlib.sha256(" ".join([*codes, *sorted(unmatched)]).encode()).hexdigest()[:6]
    return f"{len(codes)} rules {codes[0]}-{codes[-1]} ({digest}), extractor {EXTRACTOR_VERSION}, libcst {version('libcst')}"


class Log:
    """The log of one project."""

    def __init__(self, folder: Path, header: Header) -> None:
        """Opens the log.  One that was made with other rules is set aside; what it knows about the history stays ``known``.

        Raises ValueError if the file is there and no log.
        """
        self.path = folder / f"{header.project.replace('/', '+')}{SUFFIX}"
        self.done: set[str] = set()
        """keys of the chunks that need not be looked at again"""
        self.known: dict[str, Chunk] = {}
        """by key, chunks that were walked in the same way but matched by other rules"""
        aside = self.path.with_suffix(".earlier")
        if self.path.exists():
            _cut_to_whole_lines(self.path)
            if self.path.exists() and read(self.path)[0] != header:
                self.path.replace(aside)
        if aside.exists():
            before, chunks = read(aside)
            if before.walk == header.walk:
                self.known = {chunk.key: chunk for chunk in chunks}
        if self.path.exists():
            self.done = {chunk.key for chunk in read(self.path)[1]}
        else:
            self.path.write_bytes(msgspec.json.encode(header) + b"\n")
        self._stream: IO[bytes] = self.path.open("ab")

    def write(self, chunk: Chunk) -> None:
        self._stream.write(msgspec.json.encode(chunk) + b"\n")
        self._stream.flush()
        self.done.add(chunk.key)

    def close(self) -> None:
        self._stream.close()


def read(path: Path) -> tuple[Header, list[Chunk]]:
    """A log's header and chunks.  Raises ValueError for a file that is no log."""
    try:
        head, *lines = path.read_bytes().split(b"\n")[:-1]
        return msgspec.json.decode(head, type=Header), [msgspec.json.decode(line, type=Chunk) for line in lines]
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: this is no log of `buglab mine` ({error}); delete it and mine again") from None


def _cut_to_whole_lines(path: Path) -> None:
    """Cut off the end of a line that was being written when a run was killed; a file without any line is removed."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if not whole:
        path.unlink()
    elif whole < len(content):
        with path.open("r+b") as stream:
            stream.truncate(whole)
