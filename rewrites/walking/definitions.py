"""Functions, classes and lambdas: where new units and scopes begin."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ..unit import LOAD, STORE, Scope, Unit
from .expressions import argument
from .walker import Walker, visits


@visits(cst.FunctionDef)
def function(walk: Walker, node: cst.FunctionDef, role: str) -> None:
    stub = outside(walk, "FunctionStub", node, role)
    start = walk.expect("def")
    at = define(walk, node.name, stub)
    unit, saved = enter(walk, "function", node.name, stub, start, at)
    type_parameters(walk, node)
    walk.expect("(")
    parameters(walk, node.params, is_method=bool(unit.owner) and not _is_static(node))
    walk.expect(")")
    if node.returns:
        walk.frozen(node.returns.annotation, "annotation", saved[2])
    walk.visit(node.body, "body")
    leave(walk, saved)


@visits(cst.ClassDef)
def class_(walk: Walker, node: cst.ClassDef, role: str) -> None:
    stub = outside(walk, "ClassStub", node, role)
    start = walk.expect("class")
    at = define(walk, node.name, stub)
    type_parameters(walk, node)
    if type(node.lpar) is cst.LeftParen:
        walk.expect("(")
    saved_parent, walk.parent = walk.parent, stub
    for arg in (*node.bases, *node.keywords):
        argument(walk, arg, "base")
    walk.parent = saved_parent
    _unit, saved = enter(walk, "class", node.name, stub, start, at)
    walk.visit(node.body, "body")
    leave(walk, saved)


def outside(walk: Walker, label: str, node: cst.FunctionDef | cst.ClassDef, role: str) -> int:
    """What a definition leaves in the unit around it: a node with decorators, name and (later) captured names."""
    stub = walk.unit.add(label, "", role, walk.parent, walk.cursor.pos, walk.cursor.pos, node)
    saved, walk.parent = walk.parent, stub
    for decorator in node.decorators:
        walk.frozen(decorator.decorator, "decorator", walk.scope)
    walk.parent = saved
    return stub


def define(walk: Walker, name: cst.Name, stub: int) -> int:
    """Bind the name of a function or class in the unit around it; return where the name stands."""
    start = walk.expect(name.value)
    node = walk.unit.add("DefinitionName", name.value, "name", stub, start, walk.cursor.pos, name)
    walk.unit.names[node] = walk.scope.uses[STORE]
    walk.scope.bind(name.value, "definition", start)
    return start


Place = tuple[Unit, int, Scope, int]
"""Unit, parent node, scope and use of names: where a walk was before it entered a unit."""


def enter(walk: Walker, kind: str, name: cst.Name, stub: int, start: int, at: int) -> tuple[Unit, Place]:
    """Begin the unit of a function or class whose keyword stands at ``start`` and whose name at ``at``."""
    saved = (walk.unit, walk.parent, walk.scope, walk.use)
    around = walk.unit
    prefix = {"module": "", "class": f"{around.name}.", "function": f"{around.name}.<locals>."}[around.kind]
    owner = around.name.rpartition(".")[2] if around.kind == "class" and kind == "function" else ""
    walk.scope = Scope(kind, walk.scope)
    walk.unit = Unit(prefix + name.value, kind, walk.scope, owner, walk.cursor.text, start)
    walk.outer[len(walk.units)] = (around, stub)
    walk.units.append(walk.unit)
    walk.use = LOAD
    walk.parent = walk.unit.add(kind.capitalize(), "", "root", -1, start, start, None)
    if owner:
        walk.unit.add("Owner", owner, "owner", 0, start, start, None)
    walk.unit.add("UnitName", name.value, "name", 0, at, at + len(name.value), name)
    return walk.unit, saved


def leave(walk: Walker, saved: Place) -> None:
    walk.unit.close(walk.cursor.pos)
    walk.unit, walk.parent, walk.scope, walk.use = saved


def type_parameters(walk: Walker, node: cst.FunctionDef | cst.ClassDef | cst.TypeAlias) -> None:
    if node.type_parameters:
        walk.frozen(node.type_parameters, "type_parameter", walk.scope)


def parameters(walk: Walker, params: cst.Parameters, *, is_method: bool = False) -> None:
    first = True
    for group, label in (
        (params.posonly_params, "Parameter"),
        (params.params, "Parameter"),
        ((params.star_arg,), "StarParameter"),
        (params.kwonly_params, "KeywordParameter"),
        ((params.star_kwarg,), "StarParameter"),
    ):
        for param in group:
            if type(param) is cst.Param:
                parameter(walk, param, label, "receiver" if is_method and first else "parameter")
                first = False


def parameter(walk: Walker, param: cst.Param, label: str, kind: str) -> None:
    start = walk.expect(param.name.value)
    saved = walk.parent
    walk.parent = node = walk.unit.add(label, "", "parameter", walk.parent, start, start, param)
    token = walk.unit.add("ParameterName", param.name.value, "name", node, start, walk.cursor.pos, param.name)
    walk.unit.names[token] = walk.scope.uses[STORE]
    walk.scope.bind(param.name.value, kind, -1)
    around = walk.scope.parent or walk.scope
    if param.annotation:
        walk.frozen(param.annotation.annotation, "annotation", around)
    if param.default:
        walk.frozen(param.default, "default", around)
    walk.unit.ends[node] = walk.cursor.pos
    walk.parent = saved


@visits(cst.Lambda)
def lambda_(walk: Walker, node: cst.Lambda, role: str) -> None:
    index, saved = walk.open("Lambda", node, role)
    walk.mark(index, walk.expect("lambda"))
    walk.scope = Scope("lambda", walk.scope)
    parameters(walk, node.params)
    walk.visit(node.body, "body")
    walk.scope = walk.scope.parent  # type: ignore[assignment]
    walk.close(index, node, saved)


def _is_static(node: cst.FunctionDef) -> bool:
    return any(type(d.decorator) is cst.Name and d.decorator.value == "staticmethod" for d in node.decorators)


def decorated(units: Sequence[Unit]) -> set[int]:
    """The ids of those among a file's units that are functions or classes with decorators."""
    adorned = set()
    for unit in units:
        for node, tree in enumerate(unit.tree):
            if isinstance(tree, cst.FunctionDef | cst.ClassDef) and tree.decorators:
                adorned.add(unit.starts[unit.label.index("DefinitionName", node)])
    return {id(unit) for unit in units if unit.kind != "module" and unit.starts[unit.label.index("UnitName")] in adorned}
