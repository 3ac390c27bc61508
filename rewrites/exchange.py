"""Rules that exchange one token for another of the same group: most operators and literals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

from .base import Edit, Option, Relabel, Rule, Site
from .unit import Unit


class TokenExchange(Rule):
    """A token may become any other of its group.  Groups are disjoint, so every exchange can be undone."""

    groups: ClassVar[tuple[tuple[str, ...], ...]]

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        written = unit.label[node].removeprefix("op:")
        for group in self.groups:
            if written in group:
                if self.fits(unit, node):
                    yield operator_site(self, unit, node, group, written, self.idle(unit, node, written))
                return

    def fits(self, unit: Unit, node: int) -> bool:
        """Whether a token is a site, judged by what no choice of any rule changes."""
        return True

    def idle(self, unit: Unit, node: int, written: str) -> Collection[str]:
        """Members of the group that cannot be selected from what is written; the relation is symmetric."""
        return ()


def operator_site(rule: Rule, unit: Unit, node: int, group: Sequence[str], written: str, idle: Collection[str] = ()) -> Site:
    start, end = unit.starts[node], unit.ends[node]
    before = " " if in_word(unit.tail(start)) else ""
    behind = " " if in_word(unit.head(end)) else ""
    options = [
        Option(
            words,
            Relabel(f"op:{words}"),
            None
            if words == written or words in idle
            else Edit(start, end, f"{before}{words}{behind}" if words[0].isalpha() else words),
        )
        for words in group
    ]
    return Site(rule, node, tuple(options), group.index(written))


def in_word(character: str) -> bool:
    """Whether a keyword beside this character would run into it."""
    return character.isalnum() or character in ("_", '"', "'")
