"""For reading: the place in its code, the proposed repair as a small diff, the next alternatives, what speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..finding import Excerpt, Finding, Location, Replacement, quoted
from . import Context
from .terminal import headline, paint, percent, printable

WIDTH = 140
"""Longer lines are shown as a cut-out around the place."""


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    explained: set[str] = set()
    for finding in findings:
        lines = [headline(finding, context), *_body(finding, context)]
        meaning = "" if finding.score is None else context.meaning.sentence(finding.confidence)
        if meaning and meaning not in explained:  # once is enough
            explained.add(meaning)
            lines.append(paint(context, f"   {percent(finding.confidence)} means: {meaning}", dim=True))
        yield "\n".join([*lines, "", ""])


def plain(finding: Finding, context: Context) -> str:
    """Everything below the headline, without colours."""
    return "\n".join(_body(finding, replace(context, colour=False)))


def _body(finding: Finding, context: Context) -> Iterator[str]:
    excerpt = finding.excerpt
    if excerpt is None or not excerpt.lines:
        return
    gutter = len(str(excerpt.first_row + len(excerpt.lines) - 1))
    bar = paint(context, " " * gutter + " |", fg="blue")
    start, end = finding.location, finding.end_location
    left = _left_edge(excerpt, start)
    yield bar
    for row, line in enumerate(excerpt.lines, excerpt.first_row):
        number = paint(context, f"{row:>{gutter}} |", fg="blue")
        yield f"{number} {_cut(line, left)}".rstrip()
        if marks := _marks(line, row, start, end, left):
            yield f"{bar} {paint(context, marks, fg='red', bold=True)}"
    yield bar
    if finding.fix is not None:
        changed = [line for edit in finding.fix.edits for line in _diff(excerpt, edit, gutter, left, context)]
        yield from changed or [f"{' ' * gutter} = {printable(finding.fix.message)}"]
        listed = ", ".join(f"`{_short(other.content)}` {percent(other.confidence)}" for other in finding.alternatives)
        yield f"{' ' * gutter} = in {printable(finding.function)}" + (f"; else {listed}" if listed else "")
        for reason in finding.evidence:
            yield f"{' ' * gutter} = {printable(reason)}"
        if finding.verification is not None:
            yield f"{' ' * gutter} = {finding.verification.verdict}: {printable(finding.verification.reason)}"


def _diff(excerpt: Excerpt, edit: Replacement, gutter: int, left: int, context: Context) -> Iterator[str]:
    """The rows an edit touches, before and after; nothing if the excerpt does not hold all of them."""
    rows = excerpt.lines[edit.location.row - excerpt.first_row : edit.end_location.row - excerpt.first_row + 1]
    if len(rows) != edit.end_location.row - edit.location.row + 1:
        return
    after = rows[0][: edit.location.column - 1] + edit.content + rows[-1][edit.end_location.column - 1 :]
    for sign, colour, lines in (("-", "red", rows), ("+", "green", after.splitlines())):
        for line in lines:
            yield paint(context, f"{' ' * gutter} {sign} {_cut(line, left)}".rstrip(), fg=colour)


def _left_edge(excerpt: Excerpt, place: Location) -> int:
    """The first column shown (from 0), the same for all lines."""
    row = place.row - excerpt.first_row
    line = excerpt.lines[row] if 0 <= row < len(excerpt.lines) else ""
    return max(place.column - 1 - WIDTH // 2, 0) if len(line) > WIDTH else 0


def _cut(line: str, left: int) -> str:
    return printable(line[left : left + WIDTH])


def _marks(line: str, row: int, start: Location, end: Location, left: int) -> str:
    """Carets under the part of ``line`` that lies between ``start`` and ``end``."""
    if not start.row <= row <= end.row:
        return ""
    first = start.column - 1 if row == start.row else len(line) - len(line.lstrip())
    last = end.column - 1 if row == end.row else len(line.rstrip())
    first, last = max(first, left), min(max(last, first + 1), left + WIDTH)
    before, under = printable(line[left:first]), printable(line[first:last])
    return " " * len(before) + "^" * max(len(under), 1) if first < left + WIDTH else ""


def _short(code: str) -> str:
    return printable(quoted(code))
