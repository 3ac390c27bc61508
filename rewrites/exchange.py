"""Rules that exchange one token for another of the same group: most operators and literals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from .base import Edit, Option, Relabel, Rule, Site
from .unit import Unit


class TokenExchange(Rule):
    """A token may become any other of its group.  Groups are disjoint, so every exchange can be undone."""

    groups: ClassVar[tuple[tuple[str, ...], ...]]

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        written = unit.label[node].removeprefix("op:")
        group = next((group for group in self.groups if written in group), ())
        if written in group:
            group = tuple(self.allowed(unit, node, group))
        if written in group and len(group) > 1:
            yield operator_site(self, unit, node, group, written)

    def allowed(self, unit: Unit, node: int, group: Sequence[str]) -> Sequence[str]:
        """The members of the group that fit here, judged by what no choice of this rule changes."""
        return group


def operator_site(rule: Rule, unit: Unit, node: int, group: Sequence[str], written: str) -> Site:
    start, end = unit.starts[node], unit.ends[node]
    options = tuple(
        Option(words, Relabel(f"op:{words}"), None if words == written else Edit(start, end, words)) for words in group
    )
    return Site(rule, node, options, group.index(written))
