"""BL301: the wrong small integer."""

from collections.abc import Iterator

import libcst as cst

from ..base import Edit, Example, Option, Relabel, Rule, Site
from ..unit import Unit

VALUES = ("-2", "-1", "0", "1", "2")
DISPLAYS = {"List", "Tuple", "Set", "Entry"}
MANY = 4
"""Elements above which a display is data, where no integer can be told from another."""


class IntegerLiteral(Rule):
    """``0`` where ``1`` was meant: off by one."""

    code = "BL301"
    name = "wrong-integer-literal"
    summary = "One of the integers -2 to 2 stands where another was meant."
    why = "Loops start one too late, slices lose an end, the wrong element is taken."
    looks_at = (cst.Integer, cst.UnaryOperation)
    examples = (
        Example("last = items[-1]\n", "last = items[1]\n"),
        Example("return_code = 0\nfor i in range(1, n):\n    pass\n", "return_code = 0\nfor i in range(0, n):\n    pass\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        written = unit.text[node]
        if unit.label[node] != "Integer" or written not in VALUES or unit.role[node] == "pattern":
            return
        parent = unit.parent[node]
        family = unit.children[unit.parent[parent] if unit.label[parent] == "Entry" else parent]
        if unit.label[parent] in DISPLAYS and len(family) > MANY:
            return
        if unit.label[parent] in ("Attribute", "Await") or _left_of_power(unit, node):
            return
        if unit.parenthesised(node):
            return
        start, end = unit.starts[node], unit.ends[node]
        if unit.head(end).isalpha():
            return  # 1or x: another digit could join the word behind it
        space = " " if start > 0 and (unit.tail(start).isalnum() or unit.tail(start) == "_") else ""
        options = tuple(
            Option(
                value, Relabel("Integer", value), None if value == written else Edit(start, end, _glue(space, value, written))
            )
            for value in VALUES
        )
        yield Site(self, node, options, VALUES.index(written))


def _glue(space: str, value: str, written: str) -> str:
    """``return-1`` needs a space before it can return 1."""
    return value if value.startswith("-") or not written.startswith("-") else space + value


def _left_of_power(unit: Unit, node: int) -> bool:
    if unit.label[unit.parent[node]] == "Unary":
        return True  # - 1 with a space: a second sign would pile up
    if unit.label[unit.parent[node]] != "BinaryChain":
        return False
    _, after = unit.siblings(node)
    return after >= 0 and unit.label[after] == "op:**"
