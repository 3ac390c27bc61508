"""Commits as git prints them without context: files, and in each the hunks with what was removed and what was added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FILE = re.compile(
    rb"a/[^\n]*\n(?:old mode[^\n]*\nnew mode[^\n]*\n)?index ([0-9a-f]+)\.\.([0-9a-f]+)[^\n]*\n--- [^\n]*\n\+\+\+ b/([^\n]*)\n"
)
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@[^\n]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hunk:
    """Consecutive lines replaced by others.  Rows are 1-based; where there are no lines, the row before the gap."""

    old_row: int
    old_count: int
    new_row: int
    new_count: int
    body: bytes
    """the lines with ``-`` and ``+`` before them"""

    def touches(self, first: int, last: int) -> bool:
        """Whether it changes something from row ``first`` to row ``last`` of the file before."""
        return first <= self.old_row + max(self.old_count, 1) - 1 and self.old_row <= last

    def sides(self) -> tuple[str, str]:
        """What was removed and what was added."""
        lines = self.body.decode("utf-8", "replace").split("\n")
        old, new = ("\n".join(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
        return old, new


@dataclass(frozen=True, slots=True)
class FileChange:
    """One modified file."""

    path: str
    old: str
    """hash of the content before"""
    new: str
    hunks: list[Hunk]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit with the Python files that it modifies."""

    name: str
    time: int
    """seconds since 1970"""
    message: str
    files: list[FileChange]
    text: bytes
    """all hunks of all files"""

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0].strip()


def parse(printed: bytes) -> Iterator[Commit]:
    """The commits in what ``Repository.diffs`` returns."""
    for part in re.split(rb"(?:^|\n)\x01(?=[0-9a-f]{40,64} \d+\n)", printed)[1:]:
        head, _, text = part.partition(b"\x02")
        first, _, message = head.decode("utf-8", "replace").partition("\n")
        name, time = first.split()
        files = [change for piece in re.split(rb"(?:^|\n)diff --git ", text)[1:] if (change := _file(piece))]
        yield Commit(name, int(time), message.strip(), files, text)


def _file(piece: bytes) -> FileChange | None:
    """None for what has no lines (binary, only the mode changed) or a path that git puts into quotes."""
    head = _FILE.match(piece)
    if head is None:
        return None
    body = piece[head.end() :]
    marks = list(_HUNK.finditer(body))
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    hunks = []
    for mark, end in zip(marks, ends, strict=True):
        old, old_count, new, new_count = (int(number) if number else 1 for number in mark.groups())
        hunks.append(Hunk(old, old_count, new, new_count, body[mark.end() : end]))
    path = head[3].decode("utf-8", "replace").rstrip("\t")
    return FileChange(path, head[1].decode(), head[2].decode(), hunks)
