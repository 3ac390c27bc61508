"""Which rewrite of which rule a change undoes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...rewrites.base import Edit, Site
from ...rewrites.source import Source, Unreadable
from ...rewrites.unit import Unit
from ..functions import own_text
from ..heldout import Guard
from ..tokens import fingerprint, tokens
from .difference import Lexed, difference, lex
from .functions import Function, Layout
from .record import Match

SHOWN = 60
"""Characters of an option that are written down."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A site of the function before the change, and the option that the change selected."""

    source: Source
    """the whole file before the change"""
    unit: Unit
    site: Site
    option: int

    @property
    def edit(self) -> Edit:
        edit = self.site.options[self.option].edit
        assert edit is not None  # only other options match
        return edit

    def facts(self) -> Match:
        """What is written down about it."""
        row, column = self.source.position(self.edit.start)
        contents = [self.site.options[index].content for index in (self.site.chosen, self.option)]
        before, after = (content if len(content) <= SHOWN else f"{content[:SHOWN]}…" for content in contents)
        return Match(self.site.rule.code, row, column, before, after)


def match(old: Layout, new: Layout, before: Function, after: Function) -> list[Matched]:
    """The rewrites that turn the function before the change into the one after it.

    The function is read first, alone: most changes are none of a rule, and files are long.  What matches there is looked
    up again in the whole file.
    """
    target = lex(new.rows(after.first, after.last))
    if target is None:
        return []
    alone = [f"class {before.owner or '_'}:\n", *old.lines[before.outer_first - 1 : before.outer_last]]
    if not alone[1][:1].isspace():
        alone[0] = "\n"
    if not any(_read(alone, before.first - before.outer_first + 1, before, target)):
        return []
    return list(_read(old.lines, before.first - 1, before, target))


def _read(lines: list[str], above: int, function: Function, target: Lexed) -> Iterator[Matched]:
    """The rewrites in ``lines``, where ``function`` begins below ``above`` others."""
    try:
        source = Source.parse("".join(lines))
    except Unreadable:
        return
    yield from rewrites(source, lines, above, above + function.last - function.first + 1, target)


def rewrites(source: Source, lines: list[str], above: int, end: int, target: Lexed) -> Iterator[Matched]:
    """The rewrites of one function that turn its tokens into those of ``target``; it stands in ``lines[above:end]``."""
    start, own = sum(map(len, lines[:above])), "".join(lines[above:end])
    written = lex(own)
    if written is None or (found := difference(written.texts, target.texts)) is None:
        return
    reach = _reach(written, found.start, found.old_end)
    for unit in source.units:
        if unit.kind != "function" or not start <= unit.start < start + len(lines[above]):
            continue
        for site in unit.sites:
            for index, option in enumerate(site.options):
                if option.edit:
                    edit = Edit(option.edit.start - start, option.edit.end - start, option.edit.content)
                    if edit.end >= reach[0] and edit.start <= reach[1] and _becomes(edit, own, written, target):
                        yield Matched(source, unit, site, index)


def _reach(written: Lexed, first: int, end: int) -> tuple[int, int]:
    """The characters that an edit must touch to change tokens ``first`` to ``end``."""
    if first < end:
        return written.starts[first], written.ends[end - 1]
    low = written.ends[first - 1] if first else 0
    return (low, written.starts[first]) if first < len(written.starts) else (low, low)


def _becomes(edit: Edit, text: str, written: Lexed, target: Lexed) -> bool:
    """Whether the edit turns the tokens that are written into those of the target."""
    first = sum(end <= edit.start for end in written.ends)
    behind = next((i for i in range(first, len(written.starts)) if written.starts[i] >= edit.end), len(written.starts))
    low, high = edit.start, edit.end  # tokens that the edit does not replace whole, such as an f-string, are read again
    if first < behind:
        low, high = min(low, written.starts[first]), max(high, written.ends[behind - 1])
    middle = lex(f"({text[low : edit.start]}{edit.content}{text[edit.end : high]})")
    if middle is None:
        return False
    pieces = [piece for piece in middle.texts[1:] if piece != "\n"][:-1]
    return [*written.texts[:first], *pieces, *written.texts[behind:]] == target.texts


def is_copy(source: Source, guard: Guard) -> bool:
    """Whether the file, or a function in it, is one of a held-out project."""
    pieces = [tokens(own_text(unit, source)) for unit in source.units]
    units = [(unit.kind, len(own), fingerprint([unit.kind, *own])) for unit, own in zip(source.units, pieces, strict=True)]
    return any(guard.knows(units))
