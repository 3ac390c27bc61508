"""What a file does the same way elsewhere, and never as it is proposed: a habit, and no slip.

It is "Bugs as deviant behavior" (Engler et al. 2001) read the other way round: what does not deviate is no bug.

Somebody who calls ``plugin.register(SomeClass, "name")`` all over a file has not confused the two arguments here, and a file
whose conditions are made with ``is_owner & is_active`` again and again means the ``&``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ..rewrites.base import Option, Site, Swap
from ..rewrites.source import Source
from ..rewrites.unit import Unit

PLACES = 2
"""Other places that make a habit, where only a part of what is written is the same there."""

UNUSUAL = frozenset(["is", "is not", "&", "|", "^", "<<", ">>"])
"""Operators that are written on purpose: what stands on one side says enough."""

RULES = frozenset(["BL201", "BL202", "BL203", "BL401"])

Form = tuple[str, ...]


class Habits:
    """Of one file.  Nothing is looked at before it is asked."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def hold(self, unit: Unit, site: Site, option: Option) -> bool:
        """Whether other places are written as this one, and none as it would be with ``option``."""
        if site.rule.code not in RULES:
            return False
        here, written = unit.starts[site.node], site.options[site.chosen]
        kept, proposed = (tuple(_forms(unit, site, choice)) for choice in (written, option))
        for form, other in zip(kept, proposed, strict=True):
            if form[0] == "side" and form[1] not in UNUSUAL:
                continue
            enough = 1 if form[0] == "whole" else PLACES
            if self._elsewhere(form, here) >= enough and not self._elsewhere(other, here):
                return True
        return False

    def _elsewhere(self, form: Form, here: int) -> int:
        return len(self._places.get(form, set()) - {here})

    @cached_property
    def _places(self) -> dict[Form, set[int]]:
        """Form -> where it is written; a nested function belongs to two units."""
        found: dict[Form, set[int]] = {}
        for unit in self.source.units:
            for site in unit.sites:
                if site.rule.code in RULES:
                    for form in _forms(unit, site, site.options[site.chosen]):
                        found.setdefault(form, set()).add(unit.starts[site.node])
        return found


def _forms(unit: Unit, site: Site, option: Option) -> Iterator[Form]:
    """What a place with this option has in common with others; for all options of a site the same ones in the same order."""
    change = option.change
    if not isinstance(change, Swap):
        yield from _of_operator(unit, site, option)
    elif option is site.options[site.chosen]:
        yield from _of_arguments(unit, change.first, change.second)
    else:
        yield from _of_arguments(unit, change.second, change.first)


def _of_operator(unit: Unit, site: Site, option: Option) -> Iterator[Form]:
    left, right = (unit.source(node) if node >= 0 else "" for node in unit.siblings(site.node))
    yield "whole", option.content, left, right
    for place, side in (("left", left), ("right", right)):
        if side.isidentifier() and side not in ("None", "True", "False"):
            yield "side", option.content, place, side


def _of_arguments(unit: Unit, first: int, second: int) -> Iterator[Form]:
    call = unit.parent[first]
    callee = unit.source(unit.children[call][0])
    texts = unit.source(first), unit.source(second)
    kinds = unit.label[first], unit.label[second]
    yield "whole", callee, *texts
    if kinds[0] != kinds[1]:
        yield "kinds", callee.rpartition(".")[2], *kinds
