"""Many replacements, one text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from random import Random
from typing import NamedTuple

from .registry import transformations
from .source import Source
from .transformation import Place, Replacement, Span, Way

VERSION = 1
"""Changes whenever the same text, dice and share may give another variant."""


class Rewritten(NamedTuple):
    """A rewritten text, and where its pieces stood before."""

    text: str
    kept: list[tuple[int, int, int]]
    """(offset here, offset in the original, length) of every piece that was kept, in order"""

    def origin(self, offset: int) -> int:
        """Where the character at ``offset`` stood in the original, -1 if it is a new one."""
        row = bisect_right(self.kept, offset, key=lambda piece: piece[0]) - 1
        at, of, length = self.kept[row] if row >= 0 else (0, 0, 0)
        return of + offset - at if at <= offset < at + length else -1


def places(source: Source) -> list[Place]:
    """The places of all transformations."""
    return [place for transformation in transformations() for place in transformation.places(source)]


def variant(source: Source, dice: Random, share: float) -> Rewritten:
    """Rewrite about ``share`` of all places, drawn by ``dice``; where two overlap, the one that begins first is rewritten."""
    chosen = []
    for place in places(source):
        drawn = dice.random()
        if drawn < share:
            chosen.append(place.ways[int(drawn / share * len(place.ways))])
    return compose(source.text, chosen)


def compose(text: str, ways: Sequence[Way]) -> Rewritten:
    """Rewrite ``text`` in all of these ways, without those that overlap with what begins before them."""
    while misfits := _misfits(ways):
        ways = [way for number, way in enumerate(ways) if number not in misfits]
    builder = _Builder(text, [replacement for way in ways for replacement in way])
    builder.span(Span(0, len(text)))
    return Rewritten("".join(builder.pieces), builder.kept)


def _misfits(ways: Sequence[Way]) -> set[int]:
    """The numbers of the ways with a replacement that cuts across another, or lies in what another one takes away."""
    rows = [(one.start, -one.end, number, one) for number, way in enumerate(ways) for one in way]
    found: set[int] = set()
    around: list[Replacement] = []
    for start, _, number, one in sorted(rows, key=lambda row: row[:3]):
        while around and around[-1].end <= start:
            around.pop()
        if around and not any(span.start <= start and one.end <= span.end for span in _spans(around[-1])):
            found.add(number)
        else:
            around.append(one)
    return found


def _spans(replacement: Replacement) -> Iterable[Span]:
    return (part for part in replacement.parts if isinstance(part, Span))


class _Builder:
    def __init__(self, text: str, replacements: list[Replacement]) -> None:
        self.text = text
        self.replacements = sorted(replacements, key=lambda one: (one.start, -one.end))
        self.starts = [one.start for one in self.replacements]
        self.pieces: list[str] = []
        self.kept: list[tuple[int, int, int]] = []
        self.length = 0

    def span(self, span: Span, after: int = 0) -> None:
        """Add a piece of the original with what is rewritten in it, by replacements that come ``after`` the one around it."""
        at, row = span.start, max(after, bisect_left(self.starts, span.start))
        while row < len(self.replacements) and self.starts[row] < span.end:
            one = self.replacements[row]
            row += 1
            if one.start < at:  # inside of the one before, which has seen to it
                continue
            self.keep(at, one.start)
            for part in one.parts:
                if isinstance(part, Span):
                    self.span(part, row)
                else:
                    self.add(part)
            at = one.end
        self.keep(at, span.end)

    def keep(self, start: int, end: int) -> None:
        if start < end:
            self.kept.append((self.length, start, end - start))
            self.add(self.text[start:end])

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)
