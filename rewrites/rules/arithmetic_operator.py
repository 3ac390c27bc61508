"""BL202: the wrong arithmetic."""

from collections.abc import Sequence

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange
from ..unit import Unit

TEXT = {"String", "FormattedString", "Concatenated"}


class ArithmeticOperator(TokenExchange):
    """``+`` where ``-`` was meant, ``/`` where ``//`` was."""

    code = "BL202"
    name = "wrong-arithmetic-operator"
    summary = "A calculation uses the wrong one of `+`, `-`, `*`, `/`, `//`, `%`, `**`."
    why = "The result is a number like any other, only wrong; nothing fails until someone checks the sum."
    looks_at = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)
    groups = (("+", "-", "*", "/", "//", "%", "**"),)
    examples = (
        Example("middle = (low + high) // 2\n", "middle = (low - high) // 2\n"),
        Example("area = width * height\n", "area = width + height\n"),
        Example("half = -a * b\n", "half = -a / b\n"),
    )

    def allowed(self, unit: Unit, node: int, group: Sequence[str]) -> Sequence[str]:
        left, right = unit.siblings(node)
        if unit.label[left] in TEXT or unit.label[right] in TEXT:
            return ()  # on text only one operator makes sense, and "%" means another thing
        if unit.label[unit.parent[unit.parent[node]]] == "Unary":
            return ()  # -a ** b is -(a ** b): any other operator would bind differently
        power_binds_otherwise = unit.label[left] in ("Unary", "Integer")
        return [words for words in group if words != "**"] if power_binds_otherwise else group
