"""The state of a walk and what all nodes have in common: opening, closing, positions, and the plain ones by their shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import libcst as cst

from ..grammar import SHAPES, Shape
from ..lexer import Cursor
from ..unit import FROZEN, LOAD, STORE, Scope, Unit

Visitor = Callable[["Walker", Any, str], object]
_LEFT_OUT = cst.MaybeSentinel.DEFAULT


class _Visitors(dict[type[cst.CSTNode], Visitor]):
    """How nodes of each type are walked: as registered, or as their shape says."""

    def __missing__(self, kind: type[cst.CSTNode]) -> Visitor:
        self[kind] = _shaped(SHAPES[kind])
        return self[kind]


_VISITORS = _Visitors()


def visits(*kinds: type[cst.CSTNode]) -> Callable[[Visitor], Visitor]:
    """Register a function ``(walk, node, role)`` for node types whose shape alone does not say how to walk them."""

    def register(visitor: Visitor) -> Visitor:
        _VISITORS.update(dict.fromkeys(kinds, visitor))
        return visitor

    return register


class Walker:
    """Turns a tree into units.  The state is where we are: unit, parent node, scope, and how names are being used."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.expect = self.cursor.expect
        self.units: list[Unit] = []
        self.parent = -1
        self.use = LOAD
        self.outer: dict[int, tuple[Unit, int]] = {}
        """index of a unit -> (unit around it, its definition node there)"""
        self.unit: Unit
        self.scope: Scope

    def module(self, tree: cst.Module) -> list[Unit]:
        self.scope = Scope("module", None)
        self.unit = Unit("<module>", "module", self.scope, "", self.cursor.text)
        self.units.append(self.unit)
        self.parent = self.unit.add("Module", "", "root", -1, 0, 0, tree)
        for statement in tree.body:
            self.visit(statement, "statement")
        self.unit.close(len(self.cursor.text))
        return self.units

    # ---- going down --------------------------------------------------------------------------------------------------

    def visit(self, node: cst.CSTNode, role: str) -> None:
        _VISITORS[type(node)](self, node, role)

    def fields(self, node: cst.CSTNode, fields: tuple[tuple[str, str], ...], role: str = "") -> None:
        """Walk what ``fields`` hold, each in its own role unless there is another."""
        for name, own in fields:
            value = getattr(node, name)
            if type(value) is tuple or type(value) is list:
                for item in value:
                    _VISITORS[type(item)](self, item, role or own)
            elif value is not None and value is not _LEFT_OUT:
                _VISITORS[type(value)](self, value, role or own)

    def store(self, node: cst.CSTNode, role: str) -> None:
        """Walk a target: the names in it are bound, but not those inside its attributes and subscripts."""
        saved, self.use = self.use, STORE
        self.visit(node, role)
        self.use = saved

    def load(self, node: cst.CSTNode, role: str) -> None:
        """Walk what is read even where it is part of a target: ``a`` and ``i`` of ``a[i] = 1``."""
        saved, self.use = self.use, FROZEN if self.use == FROZEN else LOAD
        self.visit(node, role)
        self.use = saved

    def frozen(self, node: cst.CSTNode, role: str, scope: Scope) -> None:
        """Walk what no rule may touch, with its names looked up in ``scope``."""
        saved = self.use, self.scope
        self.use, self.scope = FROZEN, scope
        begin = len(self.unit.label)
        self.visit(node, role)
        self.unit.frozen.update(range(begin, len(self.unit.label)))
        self.use, self.scope = saved

    # ---- making nodes ------------------------------------------------------------------------------------------------

    def open(self, label: str, node: cst.CSTNode, role: str) -> tuple[int, int]:
        """Add a node for ``node`` and go below it; its start is known once its first token is."""
        index = self.unit.add(label, "", role, self.parent, -1, -1, node)
        saved, self.parent = self.parent, index
        if type(node) in _MAY_STAND_IN_PARENTHESES and node.lpar:  # type: ignore[attr-defined]
            self.mark(index, self.expect("("))
            for _ in node.lpar[1:]:  # type: ignore[attr-defined]
                self.expect("(")
        return index, saved

    def mark(self, index: int, start: int) -> None:
        """Set where a node starts, unless a token before has."""
        if self.unit.starts[index] < 0:
            self.unit.starts[index] = start

    def close(self, index: int, node: cst.CSTNode, saved: int, closing: str = "") -> None:
        if closing:
            self.expect(closing)
        if type(node) in _MAY_STAND_IN_PARENTHESES:
            for _ in node.rpar:  # type: ignore[attr-defined]
                self.expect(")")
        unit = self.unit
        if unit.starts[index] < 0:
            below = index + 1
            unit.starts[index] = unit.starts[below] if below < len(unit.starts) else self.cursor.pos
        unit.ends[index] = self.cursor.pos
        self.parent = saved

    def leaf(
        self, label: str, text: str, role: str, node: cst.BaseExpression, token: str, find: Callable[[str], int] | None = None
    ) -> int:
        """Add a token, which may stand in parentheses; ``find`` moves behind it where the walk's ``expect`` cannot."""
        find = find or self.expect
        if not node.lpar:
            start = find(token)
        else:
            start, *_ = [self.expect("(") for _ in node.lpar]
            find(token)
            for _ in node.rpar:
                self.expect(")")
        return self.unit.add(label, text, role, self.parent, start, self.cursor.pos, node)

    # ---- binding names -----------------------------------------------------------------------------------------------

    def bind(self, name: str, offset: int, kind: str = "variable") -> None:
        self.scope.bind(name, kind, offset)

    def bound_from_here(self, known: int) -> None:
        """Names bound since the scope had ``known`` of them are usable only from here (``x = f(x)`` reads another x)."""
        bindings = self.scope.bindings
        if new := len(bindings) - known:
            for name in list(islice(reversed(bindings), new)):
                bindings[name] = (bindings[name][0], self.cursor.pos)


def _shaped(shape: Shape) -> Visitor:
    """Walks nodes of that shape."""
    label, fields, opening, closing = shape
    if label is None:

        def wrapper(walk: Walker, node: cst.CSTNode, role: str) -> None:
            if opening:
                walk.expect(opening)
            walk.fields(node, fields, role if len(fields) == 1 and role != "statement" else "")

        return wrapper

    def visitor(walk: Walker, node: cst.CSTNode, role: str) -> None:
        index, saved = walk.open(label, node, role)
        if opening:
            walk.mark(index, walk.expect(opening))
        walk.fields(node, fields)
        walk.close(index, node, saved, closing)

    return visitor


def _kinds(base: type[cst.CSTNode]) -> Iterator[type[cst.CSTNode]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


_MAY_STAND_IN_PARENTHESES = {
    kind for base in (cst.BaseExpression, cst.MatchPattern) for kind in _kinds(base) if "lpar" in kind.__dataclass_fields__
}
"""Expressions and patterns; the parentheses of ``with (...)`` and ``import (...)`` are no expression's."""
