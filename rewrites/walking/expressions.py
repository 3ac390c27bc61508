"""Calls, conditional expressions, comprehensions, assignment expressions."""

from __future__ import annotations

from typing import Any

import libcst as cst

from ..unit import Scope
from .bounds import range_argument
from .operators import condition
from .walker import Walker, visits

MAX_ARGUMENT = 7
"""Positional arguments beyond this one share a role."""

BRACKETS: dict[type[cst.CSTNode], str] = {cst.ListComp: "[]", cst.SetComp: "{}", cst.DictComp: "{}"}


@visits(cst.Call)
def call(walk: Walker, node: cst.Call, role: str) -> None:
    index, saved = walk.open("Call", node, role)
    walk.load(node.func, "func")
    walk.expect("(")
    is_range = type(node.func) is cst.Name and node.func.value == "range"
    for position, arg in enumerate(node.args):
        role = f"arg{min(position, MAX_ARGUMENT)}"
        is_range = is_range and not arg.star and arg.keyword is None
        if is_range:
            range_argument(walk, arg.value, role, arg)
        else:
            argument(walk, arg, role)
    walk.close(index, node, saved, ")")


def argument(walk: Walker, arg: cst.Arg, role: str) -> None:
    if arg.keyword is None and not arg.star:
        walk.visit(arg.value, role)
        return
    index, saved = walk.open("Keyword" if arg.keyword else "Starred", arg, "keyword" if arg.keyword else "star")
    if arg.keyword:
        walk.leaf("KeywordName", arg.keyword.value, "name", arg.keyword, arg.keyword.value)
        walk.expect("=")
    else:
        walk.mark(index, walk.expect(arg.star))
    walk.visit(arg.value, "value")
    walk.close(index, arg, saved)


@visits(cst.IfExp)
def conditional(walk: Walker, node: cst.IfExp, role: str) -> None:
    index, saved = walk.open("Conditional", node, role)
    walk.visit(node.body, "body")
    walk.expect("if")
    condition(walk, node.test, "test")
    walk.expect("else")
    walk.visit(node.orelse, "orelse")
    walk.close(index, node, saved)


@visits(cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
def comprehension(walk: Walker, node: Any, role: str) -> None:
    index, saved = walk.open(type(node).__name__, node, role)
    brackets = BRACKETS.get(type(node), "")
    if brackets:
        walk.mark(index, walk.expect(brackets[0]))
    around = walk.scope
    walk.scope = Scope("comprehension", around)
    if type(node) is cst.DictComp:
        walk.visit(node.key, "key")
        walk.visit(node.value, "value")
    else:
        walk.visit(node.elt, "element")
    generators(walk, node.for_in, around)
    walk.scope = around
    walk.close(index, node, saved, brackets[1:])


def generators(walk: Walker, node: cst.CompFor, around: Scope) -> None:
    index, saved = walk.open("Generator", node, "generator")
    walk.mark(index, walk.expect("for"))
    walk.store(node.target, "target")
    walk.expect("in")
    inside, walk.scope = walk.scope, around  # the first iterable is evaluated outside
    walk.visit(node.iter, "iter")
    walk.scope = inside
    for clause in node.ifs:
        walk.expect("if")
        condition(walk, clause.test, "test")
    if node.inner_for_in:
        generators(walk, node.inner_for_in, inside)
    walk.close(index, node, saved)


@visits(cst.NamedExpr)
def walrus(walk: Walker, node: cst.NamedExpr, role: str) -> None:
    index, saved = walk.open("Walrus", node, role)
    inside = walk.scope
    while walk.scope.kind == "comprehension" and walk.scope.parent:
        walk.scope = walk.scope.parent
    around, known = walk.scope, len(walk.scope.bindings)
    walk.store(node.target, "target")
    walk.scope = inside
    walk.visit(node.value, "value")
    walk.scope = around
    walk.bound_from_here(known)
    walk.scope = inside
    walk.close(index, node, saved)
