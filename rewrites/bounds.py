"""What rules need to know of indices, slice bounds and arguments of ``range``, where a sign and an offset have slots."""

from __future__ import annotations

from .unit import Unit

BOUNDS = {"index", "slice", "lower", "upper", "step"}
"""Roles of what may stand in a subscript."""


def at_bound(unit: Unit, chain: int) -> bool:
    """Whether a chain of operators stands where an offset behind it would be read into a slot."""
    return unit.role[chain] in BOUNDS or unit.label[unit.parent[chain]] == "Bound"


def has_offset(unit: Unit, node: int) -> bool:
    """Whether a slot for an offset stands behind an expression."""
    _, behind = unit.siblings(node)
    return behind >= 0 and unit.role[behind] == "offset"
