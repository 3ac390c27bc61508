"""The cases of a match statement."""

from __future__ import annotations

import libcst as cst

from .operators import condition
from .walker import Walker, visits


@visits(cst.MatchCase)
def case(walk: Walker, node: cst.MatchCase, role: str) -> None:
    index, saved = walk.open("Case", node, role)
    walk.mark(index, walk.expect("case"))
    walk.visit(node.pattern, "pattern")
    if node.guard:
        walk.expect("if")
        condition(walk, node.guard, "test")
    walk.visit(node.body, "body")
    walk.close(index, node, saved)


@visits(cst.MatchMapping)
def match_mapping(walk: Walker, node: cst.MatchMapping, role: str) -> None:
    index, saved = walk.open("MatchMapping", node, role)
    walk.mark(index, walk.expect("{"))
    for element in node.elements:
        walk.visit(element, "pattern")
    if node.rest:
        walk.store(node.rest, "rest")
    walk.close(index, node, saved, "}")


@visits(cst.MatchAs)
def match_as(walk: Walker, node: cst.MatchAs, role: str) -> None:
    index, saved = walk.open("MatchAs", node, role)
    if node.pattern:
        walk.visit(node.pattern, "pattern")
    if node.name:
        walk.store(node.name, "target")
    elif not node.pattern:
        walk.mark(index, walk.expect("_"))
    walk.close(index, node, saved)


@visits(cst.MatchStar)
def match_star(walk: Walker, node: cst.MatchStar, role: str) -> None:
    index, saved = walk.open("Starred", node, role)
    walk.mark(index, walk.expect("*"))
    if node.name:
        walk.store(node.name, "target")
    else:
        walk.expect("_")
    walk.close(index, node, saved)


@visits(cst.MatchKeywordElement)
def match_keyword(walk: Walker, node: cst.MatchKeywordElement, role: str) -> None:
    index, saved = walk.open("Keyword", node, "keyword")
    walk.leaf("KeywordName", node.key.value, "name", node.key, node.key.value)
    walk.visit(node.pattern, "pattern")
    walk.close(index, node, saved)
