"""BL301: the wrong small integer."""

from collections.abc import Iterable

import libcst as cst

from ..base import Example, Rule, Site, relabels
from ..earlier import NUMBER, SMALL
from ..unit import Unit

MORE = 4
"""Other integers that are offered, once they have been used."""

DISPLAYS = {"List", "Tuple", "Set", "Entry"}
MANY = 4
"""Elements above which a display is data, where no integer can be told from another."""


class IntegerLiteral(Rule):
    """``0`` where ``1`` was meant: off by one.

    Candidates are -2 to 2 and the first few other integers of earlier statements.
    """

    code = "BL301"
    name = "wrong-integer-literal"
    summary = "One of the integers -2 to 2, or one used before, stands where another was meant."
    why = "Loops start one too late, slices lose an end, the wrong element is taken."
    looks_at = (cst.Integer, cst.UnaryOperation)
    labels = frozenset({"Integer"})
    examples = (
        Example("last = items[-1]\n", "last = items[1]\n"),
        Example("return_code = 0\nfor i in range(1, n):\n    pass\n", "return_code = 0\nfor i in range(0, n):\n    pass\n"),
        Example("kib = size // 1024\nrest = size % 1024\n", "kib = size // 1024\nrest = size % 2\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        written = unit.text[node]
        if unit.role[node] == "pattern" or unit.parenthesised(node):
            return ()
        earlier = unit.earlier
        values = (*SMALL, *earlier.known[NUMBER][: min(earlier.numbers[node], MORE)])
        if written not in values or not _stands_free(unit, node):
            return ()
        start, end = unit.starts[node], unit.ends[node]
        space = " " if start > 0 and (unit.tail(start).isalnum() or unit.tail(start) == "_") else ""
        left_of_power = _left_of_power(unit, node)
        chosen = values.index(written)
        idle = [at for at, value in enumerate(values) if at == chosen or value.startswith("-")] if left_of_power else None
        texts = [_glue(space, value, written) for value in values] if space else None
        return (Site.exchange(self, node, (start, end), values, relabels("Integer", values), chosen, idle, texts),)


def _stands_free(unit: Unit, node: int) -> bool:
    """Whether an integer is one choice of a few and may get a sign."""
    parent = unit.parent[node]
    family = unit.children[unit.parent[parent] if unit.label[parent] == "Entry" else parent]
    if unit.label[parent] in DISPLAYS and len(family) > MANY:
        return False
    if unit.label[parent] in ("Attribute", "Await", "Unary"):
        return False  # - 1 with a space: a second sign would pile up
    return not unit.head(unit.ends[node]).isalpha()  # 1or x: another digit could join the word behind it


def _glue(space: str, value: str, written: str) -> str:
    """``return-1`` needs a space before it can return 1."""
    return value if value.startswith("-") or not written.startswith("-") else space + value


def _left_of_power(unit: Unit, node: int) -> bool:
    if unit.label[unit.parent[node]] != "BinaryChain":
        return False
    _, after = unit.siblings(node)
    return after >= 0 and unit.label[after] == "op:**"
