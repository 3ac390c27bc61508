"""Operators, laid flat, and the slots of conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from ..grammar import BINARY, COMPARISON, UNARY
from ..unit import FROZEN
from .walker import Walker, visits

_LOOSE = {cst.BooleanOperation, cst.IfExp, cst.Lambda, cst.NamedExpr}
"""What binds less tightly than ``not``."""


def operator(walk: Walker, node: cst.CSTNode, words: str, label: str = "") -> int:
    """An operator token; ``words`` is its text, one or two words."""
    first, _, second = words.partition(" ")
    start = walk.expect(first)
    if second:
        walk.expect(second)
    return walk.unit.add(label or f"op:{words}", "", "operator", walk.parent, start, walk.cursor.pos, node)


@visits(cst.UnaryOperation)
def unary(walk: Walker, node: cst.UnaryOperation, role: str) -> None:
    operand = node.expression
    if type(node.operator) is cst.Minus and type(operand) is cst.Integer and not operand.lpar and not node.lpar:
        start = walk.expect("-")
        walk.expect(operand.value)
        walk.unit.add("Integer", f"-{operand.value}", role, walk.parent, start, walk.cursor.pos, node)
        return
    index, saved = walk.open("Unary", node, role)
    walk.mark(index, walk.unit.starts[operator(walk, node.operator, *UNARY[type(node.operator)])])
    walk.visit(operand, "operand")
    walk.close(index, node, saved)


@visits(cst.BinaryOperation)
def binary(walk: Walker, node: cst.BinaryOperation, role: str) -> None:
    index, saved = walk.open("BinaryChain", node, role)
    chain(walk, node, cst.BinaryOperation, lambda operand: walk.visit(operand, "operand"))
    walk.close(index, node, saved)


@visits(cst.BooleanOperation)
def boolean(walk: Walker, node: cst.BooleanOperation, role: str) -> None:
    index, saved = walk.open("BooleanChain", node, role)
    chain(walk, node, cst.BooleanOperation, lambda operand: condition(walk, operand, "operand"))
    walk.close(index, node, saved)


def chain(walk: Walker, node: Any, kind: type[cst.CSTNode], operand: Callable[[Any], None]) -> None:
    """Lay ``left operator right`` flat, in source order, down to operands of another kind or in parentheses."""
    for side in (node.left, node.operator, node.right):
        if side is node.operator:
            operator(walk, side, BINARY[type(side)])
        elif type(side) is kind and not side.lpar:  # type: ignore[attr-defined]
            chain(walk, side, kind, operand)
        else:
            operand(side)


@visits(cst.Comparison)
def comparison(walk: Walker, node: cst.Comparison, role: str) -> None:
    index, saved = walk.open("Comparison", node, role)
    walk.visit(node.left, "operand")
    for target in node.comparisons:
        words = COMPARISON.get(type(target.operator)) or target.operator.value  # type: ignore[attr-defined]
        operator(walk, target.operator, words)
        walk.visit(target.comparator, "operand")
    walk.close(index, node, saved)


def _is_not(node: cst.BaseExpression) -> bool:
    return type(node) is cst.UnaryOperation and type(node.operator) is cst.Not and not node.lpar


def condition(walk: Walker, node: cst.BaseExpression, role: str) -> None:
    """An expression whose truth is taken: a slot for ``not`` stands before it wherever ``not`` may come or go."""
    negated = _is_not(node)
    inner = node.expression if negated else node  # type: ignore[attr-defined]
    if walk.use == FROZEN or (type(inner) in _LOOSE and not inner.lpar) or (negated and _is_not(inner)):
        walk.visit(node, role)
        return
    slot = walk.unit.add("slot:", "", "negation", walk.parent, -1, -1, node)
    if negated:
        walk.unit.label[slot] = "slot:not"
        walk.unit.starts[slot] = walk.expect("not")
    walk.visit(inner, role)
    start = walk.unit.starts[slot + 1]
    walk.unit.ends[slot] = start
    if not negated:
        walk.unit.starts[slot] = start
