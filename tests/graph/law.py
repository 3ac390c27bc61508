"""The laws of rewriting, checked on one file: many units are rewritten at once, and the text is parsed again once."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np

from buglab.graph.assembly import Assembly
from buglab.graph.context import Surroundings
from buglab.graph.delta import apply
from buglab.graph.draft import Draft
from buglab.rewrites.base import Swap
from buglab.rewrites.source import Source
from buglab.rewrites.unit import Unit

from .canonical import canonical

Place = tuple[int, int, int]
"""unit, site, option"""


class Broken(AssertionError):
    """A law does not hold; the message says which and where."""


def places(source: Source, rng: random.Random, wanted: Counter[str], each: int = 1) -> list[list[Place]]:
    """``each`` lists of one place in each unit, none in a function nested in another (its names show in the outer graph).

    A place is of the rule that ``wanted`` has counted least so far.
    """
    found: list[list[Place]] = [[] for _ in range(each)]
    for u, unit in enumerate(source.units):
        if "<locals>" in unit.name:
            continue
        by_rule: dict[str, list[Place]] = {}
        for s, site in enumerate(unit.sites):
            for o, option in enumerate(site.options):
                if option.edit is not None:
                    by_rule.setdefault(site.rule.code, []).append((u, s, o))
        for chosen in found:
            if by_rule:
                rarest = min(by_rule, key=lambda code: (wanted[code], code))
                wanted[rarest] += 1
                chosen.append(rng.choice(by_rule[rarest]))
    return found


def check(source: Source, chosen: list[Place]) -> None:
    """Rewrite all places at once (they lie in different units), parse once, and hold every unit to the laws.

    What a unit returns shows in its callers, and a constant where it is read: unless one place alone is rewritten, all are seen
    in the surroundings that they had before.  Raises Broken, or Unreadable where the rewritten text does not parse.
    """
    edits = sorted((source.units[u].sites[s].options[o].edit for u, s, o in chosen), key=lambda e: e.start, reverse=True)
    text = source.text
    for edit in edits:
        if edit.inverse(text).apply(edit.apply(text)) != text:
            raise Broken(f"undoing {edit} does not restore the text")
        text = edit.apply(text)
    rebuilt = Source.parse(text)
    if [unit.name for unit in rebuilt.units] != [unit.name for unit in source.units]:
        raise Broken("the rewritten file has other units")
    before = Surroundings(source)
    after = Surroundings(rebuilt) if len(chosen) == 1 else before
    for u, s, o in chosen:
        _check_unit(source.units[u], rebuilt.units[u], before, after, s, o)
    touched = {u for u, _, _ in chosen}
    for u, unit in enumerate(source.units):
        if u not in touched and site_list(unit) != site_list(rebuilt.units[u]):
            raise Broken(f"{unit.name}: its sites change with a rewrite in another unit")


def site_list(unit: Unit) -> list[tuple[str, int, tuple[str, ...], int]]:
    """Rule, node, options and choice of every site."""
    return [(site.rule.code, site.node, tuple(option.content for option in site.options), site.chosen) for site in unit.sites]


def _check_unit(unit: Unit, rebuilt: Unit, before: Surroundings, after: Surroundings, s: int, o: int) -> None:
    site = unit.sites[s]
    option = site.options[o]
    context = f"{unit.name}: {site.rule.code} {site.options[site.chosen].content!r} -> {option.content!r}"
    original = Assembly([Draft(unit, before.of(unit))]).graphs()[0]
    mutated = apply(original, int(original.option_ptr[s]) + o)
    order = swapped_order(unit, original.num_nodes, option.change) if isinstance(option.change, Swap) else None
    fresh = Assembly([Draft(rebuilt, after.of(rebuilt))]).graphs()[0]
    expected, got = canonical(fresh), canonical(mutated, order)
    for part, mine in got.items():
        if mine != expected[part]:
            raise Broken(f"{context}: {part} differ: {_difference(mine, expected[part])}")
    if order is None:
        again = rebuilt.sites[s]
        if (again.rule, again.node, again.chosen) != (site.rule, site.node, o) or again.options[site.chosen].edit is None:
            raise Broken(f"{context}: the original is not among the options")


def _difference(mine: list[object], theirs: list[object]) -> str:
    only = [x for x in mine if x not in theirs][:2], [x for x in theirs if x not in mine][:2]
    return f"{only[0]} by the delta, {only[1]} by the text"


def swapped_order(unit: Unit, size: int, change: Swap) -> np.ndarray:
    """Where each node of the original lies in the graph of the text with two subtrees exchanged."""
    a, a_end, b, b_end = change.first, unit.last(change.first) + 1, change.second, unit.last(change.second) + 1
    sequence = [*range(a), *range(b, b_end), *range(a_end, b), *range(a, a_end), *range(b_end, size)]
    order = np.empty(size, np.int64)
    order[sequence] = np.arange(size)
    return order
