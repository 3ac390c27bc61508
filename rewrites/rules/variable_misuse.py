"""BL101: the wrong variable."""

from collections.abc import Iterable

import libcst as cst

from ..base import Example, Rule, Site
from ..earlier import VARIABLES
from ..unit import LOAD, Unit

MANY = 32
"""Candidates at one place; units with more variables offer them in fixed groups of this size, by order of binding."""


class VariableMisuse(Rule):
    """A read of one variable where another was meant.

    Candidates are the variables and parameters that are bound where the read stands, in order of binding; which of them is read
    does not change the list.
    """

    code = "BL101"
    name = "variable-misuse"
    summary = "A variable is read where another one in scope was meant."
    why = "The code runs and uses the wrong value: typically a copy-and-paste that was only half renamed."
    looks_at = (cst.Name,)
    labels = frozenset({"Name"})
    examples = (
        Example(
            "def area(width, height):\n    return width * height\n", "def area(width, height):\n    return width * width\n"
        ),
        Example(
            "def merge(left, right):\n    for item in right:\n        left.append(item)\n",
            "def merge(left, right):\n    for item in left:\n        left.append(item)\n",
        ),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        name = unit.names.get(node)
        if name is None or name.use != LOAD:
            return ()
        written = unit.symbol_of[node]
        if unit.symbols[written].kind not in VARIABLES or unit.label[unit.parent[node]] == "Delete" or unit.parenthesised(node):
            return ()
        candidates = unit.variable_group(node, written, MANY)
        if len(candidates) < 2:
            return ()
        place, (names, changes) = (unit.starts[node], unit.ends[node]), unit.references(tuple(candidates))
        return (Site.exchange(self, node, place, names, changes, candidates.index(written)),)

    def message(self, written: str, proposed: str) -> str:
        return f"`{written}` is probably the wrong variable here; `{proposed}` fits better"
