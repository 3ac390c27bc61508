"""Sites whose two options are the orders of two subtrees."""

from __future__ import annotations

from .base import Edit, Option, Rule, Site, Swap
from .unit import Unit


def swap_site(rule: Rule, unit: Unit, node: int, first: int, second: int, *, idle: bool = False) -> Site:
    """The site at ``node`` for the order of ``first`` and ``second``; idle where both have the same text.

    The options are named by content: the one whose text sorts first is in front, or behind.
    """
    left, right = unit.source(first), unit.source(second)
    edit = None
    if left != right and not idle:
        between = unit.between(unit.ends[first], unit.starts[second])
        edit = Edit(unit.starts[first], unit.ends[second], right + between + left)
    change = Swap(first, second)
    written, other = Option(f"{left}, {right}", change, None), Option(f"{right}, {left}", change, edit)
    return Site(rule, node, (written, other) if left <= right else (other, written), int(left > right))


def binds(unit: Unit, node: int) -> bool:
    """Whether an expression assigns a name (``:=``), so that order of evaluation shows."""
    return "Walrus" in unit.label[node : unit.last(node) + 1]
