"""BL101: the wrong variable."""

from collections.abc import Iterator

import libcst as cst

from ..base import Edit, Example, Option, Rename, Rule, Site
from ..unit import LOAD, Unit

MANY = 32
"""Candidates at one place; units with more variables offer them in fixed groups of this size, by order of binding."""

VARIABLES = {"parameter", "variable", "enclosing"}


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
    examples = (
        Example(
            "def area(width, height):\n    return width * height\n", "def area(width, height):\n    return width * width\n"
        ),
        Example(
            "def merge(left, right):\n    for item in right:\n        left.append(item)\n",
            "def merge(left, right):\n    for item in left:\n        left.append(item)\n",
        ),
    )

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        name = unit.names.get(node)
        if name is None or name.use != LOAD or unit.label[unit.parent[node]] == "Delete":
            return
        written = unit.symbol_of[node]
        if unit.symbols[written].kind not in VARIABLES:
            return
        candidates = unit.variables_at(node)
        if written not in candidates:
            return
        group = candidates.index(written) // MANY * MANY
        candidates = candidates[group : group + MANY]
        if len(candidates) < 2 or unit.parenthesised(node):
            return
        start, end = unit.starts[node], unit.ends[node]
        options = tuple(
            Option(unit.symbols[s].name, Rename(s), None if s == written else Edit(start, end, unit.symbols[s].name))
            for s in candidates
        )
        yield Site(self, node, options, candidates.index(written))
