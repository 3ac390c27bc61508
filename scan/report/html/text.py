"""Text from scanned code on its way into the page: escaped, control characters visible, syntax coloured."""

from __future__ import annotations

import keyword
from html import escape
from itertools import groupby

from ...finding import Excerpt, Finding, Location
from ...layout import tokens
from ..terminal import printable

CLASSES = {"string": "s", "number": "n", "comment": "c"}
MOST = 240
"""Columns shown of a line; longer ones are cut out around the place."""


def shown(text: str) -> str:
    """``text`` for the page."""
    return escape(printable(text))


def frame(finding: Finding) -> str:
    """The code around a finding as rows: a line that the repair changes appears before and after."""
    excerpt = finding.excerpt
    if excerpt is None or not excerpt.lines:
        return ""
    start, end = finding.location, finding.end_location
    before = _Shown(excerpt)
    left = _left_edge(excerpt, start)
    edit = finding.fix.edits[0] if finding.fix is not None and len(finding.fix.edits) == 1 else None
    rows: list[str] = []
    if edit is not None and _holds(excerpt, edit.location, edit.end_location):
        after = before.replaced(edit.location, edit.end_location, edit.content)
        ends = before.offset(edit.location), before.offset(edit.location) + len(edit.content)
        more = after.count - before.count
        for row, _ in enumerate(excerpt.lines, excerpt.first_row):
            changed = edit.location.row <= row <= edit.end_location.row
            mark = (before.offset(edit.location), before.offset(edit.end_location)) if changed else None
            rows.append(before.row(row, "del" if changed else "", mark, left))
            if row == edit.end_location.row:
                added = range(edit.location.row, edit.end_location.row + more + 1)
                rows += [after.row(new, "ins", ends, left) for new in added]
    else:
        mark = (before.offset(start), before.offset(end)) if _holds(excerpt, start, end) else None
        for row, _ in enumerate(excerpt.lines, excerpt.first_row):
            rows.append(before.row(row, "hit" if start.row <= row <= end.row else "", mark, left))
    return f'<pre class="code" tabindex="0" aria-label="Code with the proposed repair">{"".join(rows)}</pre>\n'


class _Shown:
    """An excerpt with the kind of each of its characters."""

    def __init__(self, excerpt: Excerpt) -> None:
        self.first, self.text = excerpt.first_row, "\n".join(excerpt.lines)
        self.count = len(excerpt.lines)
        self._begins = [0]
        for line in excerpt.lines:
            self._begins.append(self._begins[-1] + len(line) + 1)
        self._kinds = [""] * len(self.text)
        for token in tokens(self.text):
            word = self.text[token.start : token.end]
            kind = "k" if token.kind == "name" and keyword.iskeyword(word) else CLASSES.get(token.kind, "")
            if kind:
                self._kinds[token.start : token.end] = [kind] * (token.end - token.start)

    def offset(self, place: Location) -> int:
        return self._begins[place.row - self.first] + place.column - 1

    def replaced(self, start: Location, end: Location, content: str) -> _Shown:
        text = self.text[: self.offset(start)] + content + self.text[self.offset(end) :]
        return _Shown(Excerpt(self.first, tuple(text.split("\n"))))

    def row(self, row: int, kind: str, mark: tuple[int, int] | None, left: int) -> str:
        """One line; ``mark`` is the range of characters to mark, of which this line may hold a part."""
        begin, end = self._begins[row - self.first] + left, self._begins[row - self.first + 1] - 1
        end = min(end, begin + MOST)
        marked = range(*mark) if mark else range(0)
        parts = []
        for (name, in_mark), group in groupby(range(begin, end), key=lambda at: (self._kinds[at], at in marked)):
            piece = shown("".join(self.text[at] for at in group))
            piece = f'<span class="{name}">{piece}</span>' if name else piece
            parts.append(f"<mark>{piece}</mark>" if in_mark else piece)
        sign = {"del": "-", "ins": "+"}.get(kind, " ")
        number = "" if kind == "ins" else str(row)
        tag = {"del": "del", "ins": "ins"}.get(kind, "span")
        return f'<{tag} class="row {kind}"><i data-n="{number}" data-s="{sign}"></i>{"".join(parts)}\n</{tag}>'


def _holds(excerpt: Excerpt, start: Location, end: Location) -> bool:
    """Whether the excerpt has all rows from ``start`` to ``end``, none of them cut before the place."""
    last = excerpt.first_row + len(excerpt.lines) - 1
    if not excerpt.first_row <= start.row <= end.row <= last:
        return False
    return all(len(excerpt.lines[at.row - excerpt.first_row]) >= at.column - 1 for at in (start, end))


def _left_edge(excerpt: Excerpt, place: Location) -> int:
    """The first column shown, from 0, the same for all lines."""
    return max(place.column - 1 - MOST // 2, 0) if place.column > MOST * 3 // 4 else 0
