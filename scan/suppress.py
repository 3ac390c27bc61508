"""Comments that silence findings.

``# buglab: ignore[BL101] reason`` at the end of a statement covers that statement; at the end of a line in the middle of one it
covers that line; on a line of its own it covers the next statement.  ``# buglab: file-ignore[BL101]`` anywhere covers the file.
``# noqa: BL101`` works like ``ignore``.  In the brackets stand codes, beginnings of codes (``BL2``) or names of rules; without
brackets every rule is meant.  A bare ``# noqa`` is meant for other tools and silences nothing here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from .catalogue import catalogue, matches
from .layout import Comment, Layout, tokens

ADVICE = "write `buglab: ignore[BL101]` or `buglab: file-ignore[BL101]`"

_MARKS = ("buglab:", "noqa")
_OURS = re.compile(r"#\s*buglab:\s*(?P<word>[\w-]*)(?P<codes>\s*\[[^\]]*\]?)?", re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa\s*:(?P<codes>(?:[\s,]*[A-Z]+\d+)+)", re.IGNORECASE)
_CODE = re.compile(r"BL\d*\b", re.IGNORECASE)
_SPLIT = re.compile(r"[\s,\[\]]+")


@dataclass(slots=True)
class Suppression:
    """One comment: what it covers (character offsets, end included) and which rules it ever silenced."""

    comment: int
    start: int
    end: int
    codes: tuple[str, ...]
    used: set[tuple[str, str]] = field(default_factory=set)
    """(code, name)"""

    def covers(self, offset: int, code: str, name: str) -> bool:
        if not self.start <= offset <= self.end:
            return False
        return not self.codes or any(matches(entry, code, name) for entry in self.codes)

    def unused(self, asked: Collection[str]) -> str:
        """What of the comment silenced nothing, among the rules that were ``asked`` for; empty if all of it did its work.

        Of a rule that was not asked for nobody can say whether silencing it is needed.
        """
        if not self.codes:
            learnt = {rule.code for rule in catalogue() if rule.family != "engine"}
            return "every rule" if not self.used and learnt <= set(asked) else ""
        idle = []
        for entry in self.codes:
            meant = {rule.code for rule in catalogue() if matches(entry, rule.code, rule.name)}
            if meant and meant <= set(asked) and not any(matches(entry, *rule) for rule in self.used):
                idle.append(entry)
        return ", ".join(idle)

    def unknown(self) -> list[str]:
        """Entries that are no rule's code, beginning of a code, or name."""
        return [entry for entry in self.codes if not any(matches(entry, rule.code, rule.name) for rule in catalogue())]


@dataclass(slots=True)
class Suppressions:
    """All such comments of one file, and those that were meant to be one but are not understood: (offset, sentence)."""

    entries: list[Suppression] = field(default_factory=list)
    mistakes: list[tuple[int, str]] = field(default_factory=list)

    def silence(self, offset: int, code: str, name: str) -> bool:
        """Whether a finding at ``offset`` is silenced; marks every comment that does it as used."""
        matching = [entry for entry in self.entries if entry.covers(offset, code, name)]
        for entry in matching:
            entry.used.add((code, name))
        return bool(matching)

    def remarks(self, asked: Collection[str]) -> Iterator[tuple[int, str]]:
        """(offset, sentence) on comments that do nothing, in no order: mistaken ones, and what silences nothing among the
        rules ``asked`` for."""
        yield from self.mistakes
        for entry in self.entries:
            yield from ((entry.comment, f"no rule is called {code!r}; `buglab rules` lists them") for code in entry.unknown())
            if idle := entry.unused(asked):
                yield entry.comment, f"unused suppression of {idle}"


def suppressions(text: str) -> Suppressions:
    """The suppressing comments of ``text``, which must be valid Python."""
    found = Suppressions()
    if not may_suppress(text):
        return found
    layout = Layout.of(text)
    for comment in layout.comments:
        written = text[comment.start : comment.end]
        for match in _OURS.finditer(written):
            word, codes = match["word"].lower(), match["codes"] or ""
            if word not in ("ignore", "file-ignore"):
                found.mistakes.append((comment.start, f"`buglab: {match['word']}` is not understood; {ADVICE}"))
            elif codes and not codes.endswith("]"):
                found.mistakes.append((comment.start, "the list of rules has no closing bracket"))
            else:
                start, end = (0, len(text)) if word == "file-ignore" else _extent(text, layout, comment)
                found.entries.append(Suppression(comment.start, start, end, tuple(filter(None, _SPLIT.split(codes)))))
        for match in _NOQA.finditer(written):
            if ours := tuple(_CODE.findall(match["codes"])):
                found.entries.append(Suppression(comment.start, *_extent(text, layout, comment), ours))
    return found


def may_suppress(text: str) -> bool:
    """Whether a comment in ``text`` may be meant for us: cheaper than to find its comments, and most are for other tools."""
    lowered = text.lower()
    if not any(mark in lowered for mark in _MARKS):
        return False
    return _OURS.search(text) is not None or any(_CODE.search(match["codes"]) for match in _NOQA.finditer(text))


def _extent(text: str, layout: Layout, comment: Comment) -> tuple[int, int]:
    """The characters that a comment covers."""
    index = bisect_left(layout.statements, comment.start, key=lambda statement: statement.end)
    following = layout.statements[index] if index < len(layout.statements) else None
    inside = following is not None and following.start < comment.start
    if not comment.own_line:
        around = following if inside else layout.statements[index - 1]
        assert around is not None
        line = _line(text, comment.start)
        first = around.start >= line[0]
        return (around.start, around.end) if first or not inside else line
    if inside:
        return _line(text, _line(text, comment.end)[1] + 1)
    return (following.start, following.end) if following else (comment.start, comment.start)


def _line(text: str, offset: int) -> tuple[int, int]:
    """Start and end of the physical line at ``offset``."""
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    ends = [end for end in (text.find("\n", offset), text.find("\r", offset)) if end >= 0]
    return start, min(ends, default=len(text))


def silencing(text: str, offset: int, code: str, name: str) -> tuple[int, str] | None:
    """(where, what) to insert so that a comment silences a finding at ``offset`` and the code stays the same: at the end of the
    line, else above the statement; None where neither can be done."""
    comment = f"# buglab: ignore[{code}]"
    start, end = _line(text, offset)
    statement = Layout.of(text).statement_at(offset)
    above, _ = _line(text, statement.start if statement is not None else offset)
    indent = text[above : len(text) - len(text[above:].lstrip(" \t\f"))]
    newline = "\r\n" if text.find("\r\n") >= 0 else "\n" if "\n" in text or "\r" not in text else "\r"
    for at, inserted in ((end, f"  {comment}"), (above, indent + comment + newline)):
        changed = text[:at] + inserted + text[at:]
        moved = offset + len(inserted) if at <= start else offset
        if _code(changed) == _code(text) and suppressions(changed).silence(moved, code, name):
            return at, inserted
    return None


def _code(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text) if token.kind not in ("comment", "newline")]
