"""BL302: the wrong one of ``True``, ``False`` and ``None``."""

from collections.abc import Iterator

import libcst as cst

from ..base import Example, Relabel, Rule, Site
from ..unit import Unit

VALUES = ("False", "True", "None")
RELABELS = tuple(map(Relabel, VALUES))
ELSEWHERE = {"Comparison", "From"}
"""Parents of constants that are no sites: comparisons are another rule's, and `from None` is no value."""


class ConstantLiteral(Rule):
    """``True`` where ``False`` was meant, ``None`` where ``False`` was."""

    code = "BL302"
    name = "wrong-constant"
    summary = "One of `True`, `False` and `None` stands where another was meant."
    why = "A flag starts set, a function reports success on failure, an option is on that should be off or left to its default."
    looks_at = (cst.Name,)
    labels = frozenset(VALUES)
    examples = (
        Example("found = False\n", "found = True\n"),
        Example("f(x, strict=True)\n", "f(x, strict=False)\n"),
        Example("def find(key):\n    return None\n", "def find(key):\n    return False\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        written = unit.label[node]
        if unit.role[node] == "pattern":
            return
        if unit.label[unit.parent[node]] in ELSEWHERE or unit.parenthesised(node):
            return
        yield Site.exchange(self, node, (unit.starts[node], unit.ends[node]), VALUES, RELABELS, VALUES.index(written))
