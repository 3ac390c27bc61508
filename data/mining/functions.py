"""Which function some rows of a file belong to, told from indentation alone.

That is quick, and wrong where a string or a backslash upsets the indentation; what matters is looked up in the parsed file.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from ...rewrites.source import Unreadable, decode

CLOSING = ")]}"
"""What a line may begin with that continues a statement although it is indented like one."""

_DEFINITION = re.compile(r"(?:async\s+)?def\s+(\w+)|class\s+(\w+)")
_BLANK = re.compile(r"\s*(?:#.*)?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Function:
    """Rows are 1-based and inclusive."""

    name: str
    """qualified, as units are named"""
    first: int
    last: int
    outer_first: int
    """of the outermost function that it is part of, decorators included"""
    outer_last: int
    owner: str
    """name of the class whose body holds that one, or nothing"""


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's lines."""

    lines: list[str]

    @classmethod
    def of(cls, content: bytes) -> Layout | None:
        """None for what cannot be decoded."""
        try:
            return cls(list(io.StringIO(decode(content), newline="")))  # splitlines() would split at form feeds as well
        except Unreadable:
            return None

    def innermost(self, first: int, last: int) -> Function | None:
        """The smallest function that holds these rows, none of which is its first."""
        rows = [row for row in range(first, min(last, len(self.lines)) + 1) if not self._blank(row)]
        if not rows:
            return None
        limit = min(self._indent(row) for row in rows)
        around: list[tuple[str, str, int]] = []
        """(kind, name, row) of the definitions around, innermost first"""
        for row in range(first - 1, 0, -1):
            if limit == 0:
                break
            line = self.lines[row - 1].lstrip()
            if self._blank(row) or line[0] in CLOSING or (indent := self._indent(row)) >= limit:
                continue
            limit = indent
            if found := _DEFINITION.match(line):
                around.append(("function", found[1], row) if found[1] else ("class", found[2], row))
        functions = [row for kind, _, row in around if kind == "function"]
        if not functions or around[0][0] == "class":
            return None
        inner, outer = functions[0], functions[-1]
        inner_last = self._end(inner)
        if inner_last < last:
            return None
        owner = around[[row for _, _, row in around].index(outer) + 1 :][:1]
        return Function(
            name=_qualified(around),
            first=inner,
            last=inner_last,
            outer_first=self._decorated(outer),
            outer_last=self._end(outer),
            owner=owner[0][1] if owner else "",
        )

    def rows(self, first: int, last: int) -> str:
        return "".join(self.lines[first - 1 : last])

    def _blank(self, row: int) -> bool:
        return _BLANK.match(self.lines[row - 1]) is not None

    def _indent(self, row: int) -> int:
        line = self.lines[row - 1]
        return len(line) - len(line.lstrip())

    def _end(self, first: int) -> int:
        """The last row of the definition whose ``def`` stands in row ``first``."""
        indent, last = self._indent(first), first
        for row in range(first + 1, len(self.lines) + 1):
            if self._blank(row):
                continue
            if self._indent(row) <= indent and self.lines[row - 1].lstrip()[0] not in CLOSING:
                break
            last = row
        return last

    def _decorated(self, row: int) -> int:
        """The row in which the decorators of the definition in ``row`` begin, as far as each stands on one line."""
        while row > 1 and self.lines[row - 2].lstrip().startswith("@"):
            row -= 1
        return row


def _qualified(around: list[tuple[str, str, int]]) -> str:
    name = ""
    for kind, part, _ in reversed(around):
        name += part + (".<locals>." if kind == "function" else ".")
    return name.removesuffix(".").removesuffix(".<locals>")
