"""The lines around a place, kept with a finding so that no report reads the file again."""

from __future__ import annotations

import bisect
import re

from .finding import Excerpt, Location

CONTEXT = 2
"""Lines shown before and after."""

MOST_ROWS = 12
"""Lines shown of a place that spans many."""

MOST_COLUMNS = 1_000
"""Longer lines (minified code, tables) are cut there."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class Lines:
    """The physical lines of a text, without their ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[str] | None = None
        self._starts: list[int] | None = None

    def position(self, offset: int) -> Location:
        """The place of a character offset."""
        row = bisect.bisect_right(self.starts, offset)
        return Location(row, offset - self.starts[row - 1] + 1)

    def offset(self, place: Location) -> int:
        """The character offset of a place."""
        return self.starts[place.row - 1] + place.column - 1

    @property
    def starts(self) -> list[int]:
        """The offset at which each line starts."""
        if self._starts is None:
            self._starts = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        return self._starts

    def around(self, start: Location, end: Location) -> Excerpt:
        """The rows from ``start`` to ``end`` with their context."""
        if self._lines is None:
            self._lines = _LINE_END.split(self.text)
        first = max(start.row - CONTEXT, 1)
        last = min(min(end.row, start.row + MOST_ROWS) + CONTEXT, len(self._lines))
        return Excerpt(first, tuple(line[:MOST_COLUMNS] for line in self._lines[first - 1 : last]))
