"""Indices, slice bounds and arguments of ``range``: a slot for a sign before them, a slot for an offset behind them.

The slots hold nothing, or what is written there; so ``x[i]``, ``x[-i]`` and ``x[i + 1]`` are one skeleton.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from ..unit import FROZEN
from .walker import Walker, visits

_PLAIN = {cst.Name, cst.Attribute, cst.Call, cst.Subscript}
_ARITHMETIC = {
    cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power, cst.MatrixMultiply,
}  # fmt: skip
_SIGNS = {cst.Add: "+", cst.Subtract: "-"}


@visits(cst.Index)
def index(walk: Walker, node: cst.Index, role: str) -> None:
    bound(walk, node.value, role, node)


@visits(cst.Slice)
def slice_(walk: Walker, node: cst.Slice, role: str) -> None:
    opened, saved = walk.open("Slice", node, role)
    for part, name in ((node.lower, "lower"), (node.upper, "upper"), (node.step, "step")):
        if part is not None:
            bound(walk, part, name, node)
    walk.close(opened, node, saved)


def bound(walk: Walker, node: cst.BaseExpression, role: str, place: cst.CSTNode) -> None:
    """An index or a bound of a slice with its slots; ``place`` is the LibCST node that the slots stand for."""
    if walk.use == FROZEN or not countable(node):
        walk.visit(node, role)
        return
    core, offset = _split(node)
    signed = type(core) is cst.UnaryOperation
    operand: Any = core.expression if signed else core
    slot = -1
    if type(core) is not cst.BinaryOperation:
        slot = walk.unit.add("slot:", "", "sign", walk.parent, -1, -1, place)
        if signed:
            walk.unit.label[slot] = "slot:-"
            walk.unit.starts[slot] = walk.expect("-")
    at = len(walk.unit.label)
    walk.visit(operand, role)
    if slot >= 0:
        walk.unit.ends[slot] = walk.unit.starts[at]
        if not signed:
            walk.unit.starts[slot] = walk.unit.starts[at]
    _offset(walk, at, offset, place)


def range_argument(walk: Walker, node: cst.BaseExpression, role: str, place: cst.CSTNode) -> None:
    """An argument of ``range`` with a slot for an offset, both below one node, which may be swapped with another."""
    if walk.use == FROZEN or not countable(node) or type(_split(node)[0]) is cst.UnaryOperation:
        walk.visit(node, role)
        return
    core, offset = _split(node)
    opened, saved = walk.open("Bound", place, role)
    at = len(walk.unit.label)
    walk.visit(core, "value")
    _offset(walk, at, offset, place)
    walk.close(opened, place, saved)


def _offset(walk: Walker, core: int, offset: tuple[str, str], place: cst.CSTNode) -> None:
    start = walk.unit.ends[core]
    sign, number = offset
    if sign:
        walk.expect(sign)
        for token in ("-", number[1:]) if number.startswith("-") else (number,):
            walk.expect(token)
    end = walk.cursor.pos if sign else start
    walk.unit.add(f"slot:{sign}", number, "offset", walk.parent, start, end, place)


def countable(node: cst.BaseExpression) -> bool:
    """Whether an expression, an offset left aside, is one to which a number may be added; no rewrite changes that."""
    core, offset = _split(node)
    if offset[0] and _split(core)[1][0]:
        return False  # i + 2 + 1
    kind = type(core)
    if kind is cst.Name:
        return core.value not in ("True", "False", "None")
    if kind is cst.UnaryOperation:
        return type(core.operator) is cst.Minus and not core.lpar and type(core.expression) in _PLAIN
    if kind is cst.BinaryOperation:
        return type(core.operator) in _ARITHMETIC and not core.lpar
    return kind in _PLAIN


def _split(node: Any) -> tuple[Any, tuple[str, str]]:
    """An expression as what an integer is added to or taken from at its end, and sign and text of that integer."""
    sign = _SIGNS.get(type(node.operator)) if type(node) is cst.BinaryOperation and not node.lpar else None
    if sign is not None:
        right = node.right
        if type(right) is cst.Integer and not right.lpar:
            return node.left, (sign, right.value)
        if type(right) is cst.UnaryOperation and type(right.operator) is cst.Minus and not right.lpar:
            number = right.expression
            if type(number) is cst.Integer and not number.lpar:
                return node.left, (sign, f"-{number.value}")
    return node, ("", "")
