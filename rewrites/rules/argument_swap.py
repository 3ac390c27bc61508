"""BL401: two positional arguments in the wrong order."""

from collections.abc import Iterator
from itertools import combinations, takewhile

import libcst as cst

from ..base import Edit, Example, Option, Rule, Site, Swap
from ..unit import Unit

MANY = 4
"""Only the first arguments are paired: calls with more are rare and their pairs many."""


class ArgumentSwap(Rule):
    """``f(b, a)`` where ``f(a, b)`` was meant.

    A pair's two options are its orders, named by content: the one whose text sorts first is in front, or behind.  Equal
    arguments are no site, for swapping them changes nothing.
    """

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
        plain = takewhile(lambda child: unit.role[child].startswith("arg"), unit.children[node][1:])  # the first is the callee
        arguments = list(plain)[:MANY]
        for first, second in combinations(arguments, 2):
            left, right = unit.source(first), unit.source(second)
            if left == right or _binds(unit, first) or _binds(unit, second):
                continue
            start, end = unit.starts[first], unit.ends[second]
            between = unit.between(unit.ends[first], unit.starts[second])
            swapped = Edit(start, end, right + between + left)
            change = Swap(first, second)
            sorted_order = Option(f"{min(left, right)}, {max(left, right)}", change, None if left < right else swapped)
            other_order = Option(f"{max(left, right)}, {min(left, right)}", change, swapped if left < right else None)
            yield Site(self, node, (sorted_order, other_order), int(left > right))

    def message(self, written: str, proposed: str) -> str:
        return f"these arguments are probably swapped; `{proposed}` fits better"


def _binds(unit: Unit, node: int) -> bool:
    """Whether an argument assigns a name (``:=``), so that order of evaluation shows."""
    return "Walrus" in unit.label[node : unit.last(node) + 1]
