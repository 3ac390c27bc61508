"""BL207: two operands in the wrong order."""

from collections.abc import Iterator

import libcst as cst

from ..base import Example, Rule, Site
from ..bounds import at_bound
from ..swap import binds, swap_site
from ..unit import Unit

ORDERED = {"op:-", "op:/", "op://", "op:%", "op:**", "op:@", "op:<<", "op:>>"}
EITHER = {"op:+", "op:*"}
"""Their order says nothing, so it is idle; but they may become an ordered one, so it is there."""
TEXT = {"String", "FormattedString", "Concatenated"}


class OperandSwap(Rule):
    """``b - a`` where ``a - b`` was meant.  The two options are the orders of the operands."""

    code = "BL207"
    name = "swapped-operands"
    summary = "The two operands of a subtraction, division, remainder, power or shift stand in each other's place."
    why = "The result has the wrong sign or is the reciprocal: a number like any other, only wrong."
    looks_at = (cst.BinaryOperation,)
    labels = frozenset({"BinaryChain"})
    examples = (
        Example("elapsed = end - start\n", "elapsed = start - end\n"),
        Example("share = part / whole\n", "share = whole / part\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        family = unit.children[node]
        if len(family) != 3:
            return
        left, operator, right = family
        written = unit.label[operator]
        ordered = written in ORDERED
        if not (ordered or written in EITHER) or unit.label[left] in TEXT or unit.label[right] in TEXT:
            return
        if binds(unit, left) or binds(unit, right) or is_complex(unit, node):
            return
        yield swap_site(self, unit, node, left, right, idle=not ordered or self._stuck(unit, node))

    def _stuck(self, unit: Unit, node: int) -> bool:
        """Whether the text with the operands exchanged would be read as another structure."""
        left, operator, right = unit.children[node]
        if at_bound(unit, node) and "Integer" in (unit.label[left], unit.label[right]):
            return True  # an integer that comes last is an offset
        if unit.label[operator] == "op:**" and (is_signed(unit, left) or is_signed(unit, right)):
            return True
        before, behind = unit.tail(unit.starts[left]), unit.head(unit.ends[right])
        return before.isalnum() or before == "_" or behind.isalnum() or behind == "_"

    def message(self, written: str, proposed: str) -> str:
        return "the operands here are probably swapped"


def is_signed(unit: Unit, node: int) -> bool:
    """Whether an operand begins with a sign, which binds less tightly than a power to its right."""
    return unit.label[node] in ("Unary", "Await") or (unit.label[node] == "Integer" and unit.text[node].startswith("-"))


def is_complex(unit: Unit, node: int) -> bool:
    """Whether a chain is a complex number in a pattern: there only ``+`` and ``-`` may stand, and nothing is calculated."""
    return unit.role[node] == "pattern" or unit.label[unit.parent[node]] == "MatchEntry"
