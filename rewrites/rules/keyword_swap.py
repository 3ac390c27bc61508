"""BL402: the values of two keyword arguments in each other's place."""

from collections.abc import Iterable
from itertools import combinations

import libcst as cst

from ..base import Example, Rule, Site
from ..swap import binds, swap_site
from ..unit import Unit

MANY = 3
"""Only the first keyword arguments are paired: calls with many are tables, and their pairs many."""


class KeywordSwap(Rule):
    """``f(a=y, b=x)`` where ``f(a=x, b=y)`` was meant.  A pair's two options are the orders of its values."""

    code = "BL402"
    name = "swapped-keyword-values"
    summary = "The values of two keyword arguments of a call stand in each other's place."
    why = "The names look right, so nobody reads the values again; the callee works on the wrong ones."
    looks_at = (cst.Call,)
    examples = (
        Example("resize(width=w, height=h)\n", "resize(width=h, height=w)\n"),
        Example("plot(data, low=0, high=limit)\n", "plot(data, low=limit, high=0)\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        keywords = [child for child in unit.children[node] if unit.label[child] == "Keyword"][:MANY]
        if len(keywords) < 2:
            return ()
        values = [value for keyword in keywords if not binds(unit, value := unit.children[keyword][1])]
        return [swap_site(self, unit, node, first, second) for first, second in combinations(values, 2)]

    def message(self, written: str, proposed: str) -> str:
        return f"the values of these keyword arguments are probably swapped; `{proposed}` fits better"
