"""Whether it matters which of two expressions is evaluated first, as far as the text shows."""

from __future__ import annotations

from .exchange import in_word
from .unit import Unit

_LITERALS = {"Integer", "Float", "String", "True", "False", "None", "Ellipsis"}


def interchangeable(unit: Unit, first: int, second: int) -> bool:
    """Whether two expressions may be evaluated in either order: both are names, or one of them a constant."""
    return constant(unit, first) or constant(unit, second) or (unit.label[first] == unit.label[second] == "Name")


def constant(unit: Unit, node: int) -> bool:
    """Whether a node is a literal, perhaps with a sign."""
    if unit.label[node] == "Unary":
        node = unit.children[node][-1]
    return unit.label[node] in _LITERALS


def stands_free(unit: Unit, node: int) -> bool:
    """Whether another expression may stand in this one's place without running into a word beside it."""
    return not in_word(unit.tail(unit.starts[node])) and not in_word(unit.head(unit.ends[node]))


def in_text(unit: Unit, node: int) -> bool:
    """Whether a node stands inside of an f-string, where quotes and braces mean something and ``=`` shows the code itself."""
    while node >= 0:
        if unit.label[node] == "FormattedString":
            return True
        node = unit.parent[node]
    return False
