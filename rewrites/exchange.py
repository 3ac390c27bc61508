"""Rules that exchange one token for another of the same group: most operators and literals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import ClassVar

from .base import Relabel, Rule, Site
from .unit import Unit


class TokenExchange(Rule):
    """A token may become any other of its group.  Groups are disjoint, so every exchange can be undone."""

    groups: ClassVar[tuple[tuple[str, ...], ...]]

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        written = unit.label[node].removeprefix("op:")
        for group in self.groups:
            if written in group and self.fits(unit, node):
                return (operator_site(self, unit, node, group, written, self.idle(unit, node, written)),)
        return ()

    def fits(self, unit: Unit, node: int) -> bool:
        """Whether a token is a site, judged by what no choice of any rule changes."""
        return True

    def idle(self, unit: Unit, node: int, written: str) -> Collection[str]:
        """Members of the group that cannot be selected from what is written; the relation is symmetric."""
        return ()


def operator_site(rule: Rule, unit: Unit, node: int, group: tuple[str, ...], written: str, idle: Collection[str] = ()) -> Site:
    """Keywords get spaces where they would run into a name beside them."""
    start, end = unit.starts[node], unit.ends[node]
    before = " " if in_word(unit.tail(start)) else ""
    behind = " " if in_word(unit.head(end)) else ""
    chosen = group.index(written)
    still = [index for index, words in enumerate(group) if index == chosen or words in idle] if idle else None
    texts = [f"{before}{words}{behind}" if words[0].isalpha() else words for words in group] if before or behind else None
    return Site.exchange(rule, node, (start, end), group, _relabels(group), chosen, still, texts)


@cache
def _relabels(group: tuple[str, ...]) -> tuple[Relabel, ...]:
    return tuple(Relabel(f"op:{words}") for words in group)


def in_word(character: str) -> bool:
    """Whether a keyword beside this character would run into it."""
    return character.isalnum() or character in ("_", '"', "'")
