"""``a < b`` for ``b > a``."""

from collections.abc import Iterator

from ..order import in_text, interchangeable, stands_free
from ..source import Source
from ..transformation import Place, Replacement, Span, Transformation
from ..unit import Unit

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=", "is": "is", "is not": "is not"}


class MirroredComparison(Transformation):
    """Exchange the two sides of a comparison, and the operator for its mirror image."""

    name = "mirrored-comparison"
    summary = "`a < b` becomes `b > a`."
    why = (
        "Python's data model makes `<` and `>`, `<=` and `>=` reflections of each other, and `==`, `!=`, `is` and `is "
        "not` their own.  The sides are evaluated in the other order, so both are names, or one is a constant.  Chains of "
        "comparisons, `in`, and what stands in f-strings are left alone."
    )
    examples = (
        ("while low < high:\n    low += 1\n", "while high > low:\n    low += 1\n"),
        ("if len(items) == 0:\n    return\n", "if 0 == len(items):\n    return\n"),
        ("found = x is not None\n", "found = None is not x\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        for unit in source.units:
            for node, label in enumerate(unit.label):
                if label == "Comparison" and node not in unit.frozen and (found := _mirrored(unit, node)):
                    yield Place(self, ((found,),))


def _mirrored(unit: Unit, node: int) -> Replacement | None:
    if len(unit.children[node]) != 3:
        return None
    left, operator, right = unit.children[node]
    words = MIRRORED.get(unit.label[operator].removeprefix("op:"))
    if words is None or not interchangeable(unit, left, right) or in_text(unit, node):
        return None
    if not stands_free(unit, left) or not stands_free(unit, right):
        return None
    starts, ends = unit.starts, unit.ends
    before, behind = Span(ends[left], starts[operator]), Span(ends[operator], starts[right])
    left_span, right_span = Span(starts[left], ends[left]), Span(starts[right], ends[right])
    return Replacement(starts[left], ends[right], (right_span, before, words, behind, left_span))
