"""``f(b=2, a=1)`` for ``f(a=1, b=2)``."""

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from ..lines import behind_statement
from ..order import in_text, interchangeable
from ..source import Source
from ..transformation import Place, Replacement, Span, Transformation
from ..unit import Unit

KEEP_ORDER = {
    "ChainMap", "Counter", "Element", "Namespace", "OrderedDict", "SimpleNamespace", "SubElement", "UserDict", "defaultdict",
    "dict", "partial", "partialmethod", "update",
}  # fmt: skip
"""Callees of the standard library that keep their keywords in order."""


class KeywordOrder(Transformation):
    """Exchange two neighbouring keyword arguments of a call."""

    name = "keyword-order"
    summary = "`f(a=1, b=2)` becomes `f(b=2, a=1)`."
    why = (
        "A callee binds keyword arguments by name.  Their values are evaluated in the other order, so both are names, or "
        "one is a constant.  Callees that keep arbitrary keywords in order are left alone: `dict` and its like, and "
        "functions of the same file with a `**` parameter; such a callee elsewhere is not seen.  Arguments with a comment "
        "between or behind them are left alone too."
    )
    examples = (
        ("resize(image, width=w, height=h)\n", "resize(image, height=h, width=w)\n"),
        ("xs.sort(key=lambda x: x.name, reverse=True)\n", "xs.sort(reverse=True, key=lambda x: x.name)\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        ordered = KEEP_ORDER | _with_any_keyword(source)
        for unit in source.units:
            for node, label in enumerate(unit.label):
                if label == "Call" and node not in unit.frozen and _callee(unit, node) not in ordered:
                    for first, second in pairwise(unit.children[node]):
                        if unit.label[first] == unit.label[second] == "Keyword" and _free(unit, first, second):
                            yield Place(self, ((_exchanged(unit, first, second),),))


def _with_any_keyword(source: Source) -> set[str]:
    """Names of the functions of a file that take any keyword, and of the classes whose ``__init__`` does."""
    found = set()
    for unit in source.units:
        for tree in unit.tree:
            if isinstance(tree, cst.Param) and tree.star == "**":
                found |= {unit.name.rpartition(".")[2], unit.owner}
    return found


def _callee(unit: Unit, call: int) -> str:
    """The last name of what is called, empty where it has none."""
    function = unit.children[call][0]
    if unit.label[function] == "Attribute":
        function = unit.children[function][1]
    return unit.text[function]


def _free(unit: Unit, first: int, second: int) -> bool:
    values = unit.children[first][1], unit.children[second][1]
    between = unit.between(unit.ends[first], unit.starts[second])
    behind = unit.between(unit.ends[second], behind_statement(unit.file, unit.ends[second]))
    return interchangeable(unit, *values) and "#" not in between and "#" not in behind and not in_text(unit, first)


def _exchanged(unit: Unit, first: int, second: int) -> Replacement:
    starts, ends = unit.starts, unit.ends
    left, right = Span(starts[first], ends[first]), Span(starts[second], ends[second])
    return Replacement(left.start, right.end, (right, Span(left.end, right.start), left))
