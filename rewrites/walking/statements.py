"""Statements that bind names, branch or import."""

from __future__ import annotations

from typing import Any

import libcst as cst

from ..grammar import AUGMENTED
from ..unit import FROZEN, STORE
from .definitions import type_parameters
from .operators import condition, operator
from .walker import Walker, visits


@visits(cst.If)
def if_(walk: Walker, node: cst.If, role: str) -> None:
    index, saved = walk.open("If", node, role)
    condition(walk, node.test, "test")
    walk.visit(node.body, "body")
    if node.orelse:
        walk.visit(node.orelse, "orelse")
    walk.close(index, node, saved)


@visits(cst.While)
def while_(walk: Walker, node: cst.While, role: str) -> None:
    index, saved = walk.open("While", node, role)
    walk.mark(index, walk.expect("while"))
    condition(walk, node.test, "test")
    walk.visit(node.body, "body")
    if node.orelse:
        walk.visit(node.orelse, "orelse")
    walk.close(index, node, saved)


@visits(cst.Assert)
def assert_(walk: Walker, node: cst.Assert, role: str) -> None:
    index, saved = walk.open("Assert", node, role)
    walk.mark(index, walk.expect("assert"))
    condition(walk, node.test, "test")
    if node.msg:
        walk.visit(node.msg, "value")
    walk.close(index, node, saved)


@visits(cst.For)
def for_(walk: Walker, node: cst.For, role: str) -> None:
    index, saved = walk.open("For", node, role)
    walk.mark(index, walk.expect("for"))
    known = len(walk.scope.bindings)
    walk.store(node.target, "target")
    walk.expect("in")
    walk.visit(node.iter, "iter")
    walk.bound_from_here(known)
    walk.visit(node.body, "body")
    if node.orelse:
        walk.visit(node.orelse, "orelse")
    walk.close(index, node, saved)


@visits(cst.With)
def with_(walk: Walker, node: cst.With, role: str) -> None:
    index, saved = walk.open("With", node, role)
    walk.mark(index, walk.expect("with"))
    if type(node.lpar) is cst.LeftParen:
        walk.expect("(")
    for item in node.items:
        walk.visit(item, "item")
    if type(node.rpar) is cst.RightParen:
        walk.expect(")")
    walk.visit(node.body, "body")
    walk.close(index, node, saved)


@visits(cst.WithItem)
def with_item(walk: Walker, node: cst.WithItem, role: str) -> None:
    index, saved = walk.open("WithItem", node, role)
    walk.visit(node.item, "value")
    if node.asname:
        walk.expect("as")
        walk.store(node.asname.name, "target")
    walk.close(index, node, saved)


@visits(cst.ExceptHandler, cst.ExceptStarHandler)
def handler(walk: Walker, node: cst.ExceptHandler | cst.ExceptStarHandler, role: str) -> None:
    index, saved = walk.open("Handler", node, role)
    walk.mark(index, walk.expect("except"))
    if node.type:
        walk.visit(node.type, "value")
    if node.name:
        walk.expect("as")
        walk.store(node.name.name, "target")
    walk.visit(node.body, "body")
    walk.close(index, node, saved)


@visits(cst.Assign, cst.AugAssign)
def assign(walk: Walker, node: cst.Assign | cst.AugAssign, role: str) -> None:
    index, saved = walk.open("Assignment", node, role)
    known = len(walk.scope.bindings)
    if isinstance(node, cst.Assign):
        for target in node.targets:
            walk.store(target.target, "target")
            operator(walk, target, "=")
    else:
        walk.store(node.target, "target")
        operator(walk, node.operator, AUGMENTED[type(node.operator)])
    walk.visit(node.value, "value")
    walk.bound_from_here(known)
    walk.close(index, node, saved)


@visits(cst.AnnAssign)
def annotated(walk: Walker, node: cst.AnnAssign, role: str) -> None:
    index, saved = walk.open("AnnotatedAssignment", node, role)
    known = len(walk.scope.bindings)
    walk.store(node.target, "target")
    walk.frozen(node.annotation.annotation, "annotation", walk.scope)
    if node.value:
        walk.expect("=")
        walk.visit(node.value, "value")
    walk.bound_from_here(known)
    walk.close(index, node, saved)


@visits(cst.Import)
def import_(walk: Walker, node: cst.Import, role: str) -> None:
    index, saved = walk.open("Import", node, role)
    walk.mark(index, walk.expect("import"))
    aliases(walk, node.names)
    walk.close(index, node, saved)


@visits(cst.ImportFrom)
def import_from(walk: Walker, node: cst.ImportFrom, role: str) -> None:
    index, saved = walk.open("Import", node, role)
    walk.mark(index, walk.expect("from"))
    if node.module:
        dotted(walk, node.module, "module")
    walk.expect("import")
    if type(node.names) is cst.ImportStar:
        walk.expect("*")
    else:
        aliases(walk, node.names)
    walk.close(index, node, saved)


def aliases(walk: Walker, names: Any) -> None:
    for alias in names:
        bound = dotted(walk, alias.name, "name")
        if alias.asname:
            walk.expect("as")
            bound = walk.leaf("ImportedName", alias.asname.name.value, "target", alias.asname.name, alias.asname.name.value)
        walk.unit.names[bound] = walk.scope.uses[STORE]
        walk.bind(walk.unit.text[bound].partition(".")[0], walk.unit.starts[bound], "import")


def dotted(walk: Walker, node: Any, role: str) -> int:
    """One token for ``a.b.c``."""
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    parts.reverse()
    start = walk.expect(parts[0])
    for part in parts[1:]:
        walk.expect(part)
    return walk.unit.add("ImportedName", ".".join(parts), role, walk.parent, start, walk.cursor.pos, None)


@visits(cst.Global, cst.Nonlocal)
def declaration(walk: Walker, node: cst.Global | cst.Nonlocal, role: str) -> None:
    is_global = type(node) is cst.Global
    index, saved = walk.open("Declaration", node, role)
    walk.mark(index, walk.expect("global" if is_global else "nonlocal"))
    for item in node.names:
        name = item.name.value
        (walk.scope.declared_global if is_global else walk.scope.declared_nonlocal).add(name)
        token = walk.leaf("Name", name, "name", item.name, name)
        walk.unit.names[token] = walk.scope.uses[FROZEN]
    walk.close(index, node, saved)


@visits(cst.TypeAlias)
def type_alias(walk: Walker, node: cst.TypeAlias, role: str) -> None:
    index, saved = walk.open("TypeAlias", node, role)
    walk.mark(index, walk.expect("type"))
    walk.store(node.name, "target")
    type_parameters(walk, node)
    walk.frozen(node.value, "annotation", walk.scope)
    walk.close(index, node, saved)


@visits(cst.TypeVar, cst.TypeVarTuple, cst.ParamSpec)
def type_variable(walk: Walker, node: cst.TypeVar | cst.TypeVarTuple | cst.ParamSpec, role: str) -> None:
    token = walk.leaf("Name", node.name.value, role, node.name, node.name.value)
    walk.unit.names[token] = walk.scope.uses[FROZEN]
    if isinstance(node, cst.TypeVar) and node.bound:
        walk.visit(node.bound, "annotation")
