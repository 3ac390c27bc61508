"""BL401: two positional arguments in the wrong order."""

from collections.abc import Iterator
from itertools import combinations, takewhile

import libcst as cst

from ..base import Example, Rule, Site
from ..swap import binds, swap_site
from ..unit import Unit

MANY = 4
"""Only the first arguments are paired: calls with more are rare and their pairs many."""


class ArgumentSwap(Rule):
    """``f(b, a)`` where ``f(a, b)`` was meant.  A pair's two options are its orders."""

    code = "BL401"
    name = "swapped-arguments"
    summary = "Two positional arguments of a call stand in each other's place."
    why = "Nothing checks the order of arguments; the callee works on the wrong values."
    looks_at = (cst.Call,)
    examples = (
        Example("copy(source, target)\n", "copy(target, source)\n"),
        Example("clamp(x, 0, limit + 1)\n", "clamp(x, limit + 1, 0)\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        if len(unit.children[node]) < 3:
            return
        plain = takewhile(lambda child: unit.role[child].startswith("arg"), unit.children[node][1:])
        arguments = list(takewhile(lambda argument: not binds(unit, argument), plain))[:MANY]
        for first, second in combinations(arguments, 2):
            yield swap_site(self, unit, node, first, second)

    def message(self, written: str, proposed: str) -> str:
        return f"these arguments are probably swapped; `{proposed}` fits better"
