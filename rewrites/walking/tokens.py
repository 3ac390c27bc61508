"""Names, attributes, numbers and strings."""

from __future__ import annotations

from typing import Any

import libcst as cst

from ..unit import STORE
from .walker import Walker, visits

_TEXTS = {cst.FormattedStringText, cst.TemplatedStringText}


@visits(cst.Name)
def name(walk: Walker, node: cst.Name, role: str) -> None:
    text = node.value
    if text in ("True", "False", "None"):
        walk.leaf(text, "", role, node, text)
        return
    use = walk.use
    token = walk.leaf("StoredName" if use == STORE else "Name", text, role, node, text)
    walk.unit.names[token] = walk.scope.uses[use]
    if use == STORE:
        walk.bind(text, walk.unit.starts[token])


@visits(cst.Attribute)
def attribute(walk: Walker, node: cst.Attribute, role: str) -> None:
    index, saved = walk.open("Attribute", node, role)
    walk.load(node.value, "value")
    walk.leaf("StoredAttribute" if walk.use == STORE else "AttributeName", node.attr.value, "attr", node.attr, node.attr.value)
    walk.close(index, node, saved)


@visits(cst.Subscript)
def subscript(walk: Walker, node: cst.Subscript, role: str) -> None:
    index, saved = walk.open("Subscript", node, role)
    walk.load(node.value, "value")
    walk.expect("[")
    for element in node.slice:
        walk.load(element, "slice")
    walk.close(index, node, saved, "]")


@visits(cst.Integer, cst.Float, cst.Imaginary)
def number(walk: Walker, node: cst.Integer | cst.Float | cst.Imaginary, role: str) -> None:
    label = "Integer" if type(node) is cst.Integer else "Float"
    walk.leaf(label, node.value, role, node, node.value)


@visits(cst.Ellipsis)
def ellipsis(walk: Walker, node: cst.Ellipsis, role: str) -> None:
    walk.leaf("Ellipsis", "", role, node, "...")


@visits(cst.SimpleString)
def string(walk: Walker, node: cst.SimpleString, role: str) -> None:
    walk.leaf("String", content(node.value), role, node, node.value, walk.cursor.string)


def content(literal: str) -> str:
    """What stands between the quotes of a string literal."""
    quoted = literal.lstrip("rRbBuUtTfF")
    quotes = 3 if quoted.startswith(('"""', "'''")) else 1
    return quoted[quotes:-quotes]


@visits(cst.FormattedString, cst.TemplatedString)
def formatted(walk: Walker, node: cst.FormattedString | cst.TemplatedString, role: str) -> None:
    index, saved = walk.open("FormattedString", node, role)
    walk.mark(index, walk.cursor.string(node.start))
    pieces(walk, node.parts)
    walk.cursor.verbatim(node.end)
    walk.close(index, node, saved)


def pieces(walk: Walker, parts: Any) -> None:
    for part in parts:
        if type(part) in _TEXTS:
            start = walk.cursor.verbatim(part.value)
            walk.unit.add("StringText", part.value, "element", walk.parent, start, walk.cursor.pos, part)
            continue
        walk.cursor.verbatim("{")
        walk.visit(part.expression, "element")
        if part.equal is not None:
            walk.cursor.symbol("=")
        if part.conversion is not None:
            walk.cursor.symbol("!")
            walk.cursor.verbatim(part.conversion)
        if part.format_spec is not None:
            walk.cursor.symbol(":")
            pieces(walk, part.format_spec)
        walk.cursor.symbol("}")
