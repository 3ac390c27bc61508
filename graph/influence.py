"""Edges between neighbours, from conditions to what they decide, and from names to what they are computed from."""

from __future__ import annotations

from collections.abc import Iterator

from ..rewrites.unit import Unit
from .schema import NULL

Edges = list[tuple[int, int]]

_ROLES = {"statement", "operator", "negation", "sign", "offset", "test"}
_COMPUTES = {"Assignment", "AnnotatedAssignment", "Walrus", "For", "WithItem", "Generator", "Handler"}


def neighbours(unit: Unit) -> tuple[Edges, Edges, Edges, list[int]]:
    """(operator, left operand), (operator, right operand), (statement, next statement), and the conditions there are."""
    role, label = unit.role, unit.label
    left: Edges = []
    right: Edges = []
    following: Edges = []
    previous: dict[int, int] = {}
    tests: list[int] = []
    for node, filled in enumerate(role):
        if filled not in _ROLES:
            continue
        if filled == "statement":
            parent = unit.parent[node]
            if parent in previous:
                following.append((previous[parent], node))
            previous[parent] = node
        elif filled == "operator":
            before, behind = unit.siblings(node)
            if before != NULL and behind != NULL:
                left.append((node, before))
                right.append((node, behind + 1 if label[behind].startswith("slot:") else behind))
        elif filled in ("negation", "sign"):
            right.append((node, node + 1))
        elif filled == "offset":
            left.append((node, unit.siblings(node)[0]))
        else:
            tests.append(node)
    return left, right, following, tests


def guards(unit: Unit, tests: list[int], following: dict[int, int], closed: set[int]) -> tuple[Edges, Edges]:
    """(condition, what is only run where it holds), (condition, what is only run where it does not).

    Of what follows an ``assert``, or an ``if`` whose one branch always leaves (``if x is None: return``), the first statement
    stands for all of it; ``following`` leads from a statement to the next one, ``closed`` holds the blocks that always leave.
    """
    held: Edges = []
    failed: Edges = []
    for test in tests:
        around = unit.parent[test]
        kind = unit.label[around]
        parts = {unit.role[child]: child for child in unit.children[around]}
        if kind == "Assert":
            held += [(test, following[around])] if around in following else []
        elif kind == "Generator":
            held += [(test, node) for node in _conditioned(unit, around, test)]
        elif "body" in parts:
            held.append((test, parts["body"]))
            if "orelse" in parts:
                failed.append((test, parts["orelse"]))
            if kind == "If" and (behind := _behind(unit, around, following)):
                leaves = _leaves(unit, parts["body"], closed)
                if leaves != ("orelse" in parts and _leaves(unit, parts["orelse"], closed)):
                    (failed if leaves else held).append((test, behind))
    return held, failed


def _behind(unit: Unit, node: int, following: dict[int, int]) -> int:
    """The statement that is run after an ``if`` or ``elif``; 0 if there is none in its block."""
    while node and unit.role[node] == "orelse":
        node = unit.parent[node]
    return following.get(node, 0)


def _leaves(unit: Unit, node: int, closed: set[int]) -> bool:
    """Whether a branch (a block, or the ``if`` of an ``elif``) never ends by going on."""
    if unit.label[node] != "If":
        return node in closed
    parts = {unit.role[child]: child for child in unit.children[node]}
    return "orelse" in parts and _leaves(unit, parts["body"], closed) and _leaves(unit, parts["orelse"], closed)


def _conditioned(unit: Unit, generator: int, test: int) -> Iterator[int]:
    """What a condition of a comprehension stands before: its inner generators, and its results."""
    yield from (child for child in unit.children[generator] if child > test and unit.label[child] == "Generator")
    around = unit.parent[generator]
    while unit.label[around] == "Generator":
        around = unit.parent[around]
    yield from unit.children[around][:-1]


def computed(unit: Unit) -> Edges:
    """(name, attribute or element that is written, value it is computed from)."""
    found: Edges = []
    for node, kind in enumerate(unit.label):
        if kind in _COMPUTES:
            family = unit.children[node]
            value = next((n for n in reversed(family) if unit.role[n] in ("value", "iter")), 0)
            if value:
                found += [(t, value) for target in family if unit.role[target] == "target" for t in _written(unit, target)]
        elif kind == "Case":
            subject = unit.children[unit.parent[node]][0]
            pattern = unit.children[node][0]
            names = range(pattern, unit.last(pattern) + 1)
            found += [(name, subject) for name in names if unit.label[name] == "StoredName"]
    return found


def _written(unit: Unit, target: int) -> Iterator[int]:
    kind = unit.label[target]
    if kind == "Attribute":
        yield unit.children[target][1]
    elif kind in ("StoredName", "Subscript"):
        yield target
    else:
        for child in unit.children[target]:
            yield from _written(unit, child)
