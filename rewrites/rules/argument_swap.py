"""BL401: two positional arguments in the wrong order."""

from collections.abc import Iterable
from itertools import combinations

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

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        arguments: list[int] = []
        for child in unit.children[node][1 : MANY + 1]:
            if not unit.role[child].startswith("arg") or binds(unit, child):
                break
            arguments.append(child)
        if len(arguments) < 2:
            return ()
        return [swap_site(self, unit, node, first, second) for first, second in combinations(arguments, 2)]

    def message(self, written: str, proposed: str) -> str:
        return f"these arguments are probably swapped; `{proposed}` fits better"
