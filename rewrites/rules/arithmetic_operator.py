"""BL202: the wrong arithmetic."""

from collections.abc import Collection

import libcst as cst

from ..base import Example
from ..bounds import at_bound, has_offset
from ..exchange import TokenExchange
from ..unit import Unit
from .operand_swap import TEXT, is_complex, is_signed

OPERATORS = ("+", "-", "*", "/", "//", "%", "**")


class ArithmeticOperator(TokenExchange):
    """``+`` where ``-`` was meant, ``/`` where ``//`` was."""

    code = "BL202"
    name = "wrong-arithmetic-operator"
    summary = "A calculation uses the wrong one of `+`, `-`, `*`, `/`, `//`, `%`, `**`."
    why = "The result is a number like any other, only wrong; nothing fails until someone checks the sum."
    looks_at = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)
    groups = (OPERATORS,)
    examples = (
        Example("middle = (low + high) // 2\n", "middle = (low - high) // 2\n"),
        Example("area = width * height\n", "area = width + height\n"),
        Example("half = -a * b\n", "half = -a / b\n"),
    )

    def fits(self, unit: Unit, node: int) -> bool:
        left, right = unit.siblings(node)
        if is_complex(unit, unit.parent[node]):
            return False
        if unit.label[left] in TEXT or unit.label[right] in TEXT:
            return False  # on text only one operator makes sense, and "%" means another thing
        return unit.label[unit.parent[unit.parent[node]]] != "Unary"  # -a ** b is -(a ** b): others would bind differently

    def idle(self, unit: Unit, node: int, written: str) -> Collection[str]:
        chain = unit.parent[node]
        left, right = unit.siblings(node)
        if at_bound(unit, chain):
            if not has_offset(unit, chain):
                return OPERATORS
            if right == unit.children[chain][-1] and unit.label[right] == "Integer":
                return ("+", "-", "**") if is_signed(unit, left) else ("+", "-")  # i + 2 is i with an offset
        return ("**",) if is_signed(unit, left) else ()

    def message(self, written: str, proposed: str) -> str:
        return f"`{written}` is probably the wrong operator here; `{proposed}` fits better"
