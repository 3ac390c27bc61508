"""Sites whose two options are the orders of two subtrees."""

from __future__ import annotations

from .base import Rule, Site, Swap
from .unit import Unit


def swap_site(rule: Rule, unit: Unit, node: int, first: int, second: int, *, idle: bool = False) -> Site:
    """The site at ``node`` for the order of ``first`` and ``second``; idle where both have the same text.

    The options are named by content: the one whose text sorts first is in front, or behind.
    """
    left, right = unit.source(first), unit.source(second)
    contents = [f"{left}, {right}", f"{right}, {left}"] if left <= right else [f"{right}, {left}", f"{left}, {right}"]
    exchanged = right + unit.between(unit.ends[first], unit.starts[second]) + left
    return Site.exchange(
        rule,
        node,
        (unit.starts[first], unit.ends[second]),
        contents,
        (Swap(first, second),) * 2,
        int(left > right),
        (0, 1) if idle or left == right else None,
        (exchanged, exchanged),
    )


def binds(unit: Unit, node: int) -> bool:
    """Whether an expression assigns a name (``:=``), so that order of evaluation shows."""
    return "Walrus" in unit.label[node : unit.stop[node]]
