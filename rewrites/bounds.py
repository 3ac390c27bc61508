"""What rules need to know of indices, slice bounds and arguments of ``range``, where a sign and an offset have slots."""

from __future__ import annotations

from .unit import Unit

BOUNDS = {"index", "slice", "lower", "upper", "step"}
"""Roles of what may stand in a subscript."""


def at_bound(unit: Unit, chain: int) -> bool:
    """Whether a chain of operators stands where an offset behind it would be read into a slot."""
    parent = unit.parent[chain]
    return unit.role[chain] in BOUNDS or unit.label[parent] == "Bound" or _is_range(unit, parent)


def _is_range(unit: Unit, call: int) -> bool:
    """Whether a call is one of ``range``, of which some arguments have no slot as they stand: ``3 + 1``, ``(a * b) + 1``."""
    return unit.label[call] == "Call" and unit.text[unit.children[call][0]] == "range"


def has_offset(unit: Unit, node: int) -> bool:
    """Whether a slot for an offset stands behind an expression."""
    _, behind = unit.siblings(node)
    return behind >= 0 and unit.role[behind] == "offset"
