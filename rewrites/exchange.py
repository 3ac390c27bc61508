"""Rules that exchange one token for another of the same group: most operators and literals."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
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


def operator_site(rule: Rule, unit: Unit, node: int, group: tuple[str, ...], written: str, idle: Collection[str] = ()) -> Site:
    start, end = unit.starts[node], unit.ends[node]
    before = " " if _in_word(unit.tail(start)) else ""
    behind = " " if _in_word(unit.head(end)) else ""
    site = Site.exchange(rule, node, (start, end), group, _relabels(group), group.index(written))
    if not (idle or before or behind):
        return site
    options = (o._replace(edit=None) if o.content in idle else _apart(o, before, behind) for o in site.options)
    return Site(rule, node, options, site.chosen)


@cache
def _relabels(group: tuple[str, ...]) -> tuple[Relabel, ...]:
    return tuple(Relabel(f"op:{words}") for words in group)


def _apart(option: Option, before: str, behind: str) -> Option:
    """The option, with spaces around a keyword that would run into a name beside it."""
    if option.edit is None or not option.content[0].isalpha():
        return option
    start, end, words = option.edit
    return option._replace(edit=Edit(start, end, f"{before}{words}{behind}"))


def _in_word(character: str) -> bool:
    """Whether a keyword beside this character would run into it."""
    return character.isalnum() or character in ("_", '"', "'")
