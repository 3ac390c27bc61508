"""Code without type annotations."""

import re
from collections.abc import Iterator

from ..source import Source
from ..transformation import Place, Replacement, Transformation
from ..unit import Unit
from ..walking.definitions import decorated

_READ = re.compile(r"\b(?:__annotations__|get_annotations|get_type_hints|getfullargspec|signature)\b")
_PLAIN = {
    "Attribute", "AttributeName", "BinaryChain", "Ellipsis", "False", "Float", "Integer", "List", "Name", "None", "String",
    "Subscript", "True", "Tuple", "op:|",
}  # fmt: skip
"""What an annotation may consist of: to evaluate it does nothing but look things up."""
_COLON = re.compile(r"[ \t]*:[ \t]*")
_ARROW = re.compile(r"[ \t]*->[ \t]*")
_EQUAL = re.compile(r"[ \t]*=[ \t]*")


class DroppedAnnotation(Transformation):
    """Remove the annotations of a function's parameters, of its result and of the variables it assigns to, all at once."""

    name = "dropped-annotation"
    summary = "A function loses its type annotations."
    why = (
        "Nothing is left to read them: files that mention `__annotations__`, `get_type_hints`, `signature` or another of "
        "their readers are left alone, and so are functions with decorators.  Annotations in class bodies make fields and "
        "stay, those without a value make a name local and stay, and so do those that call something."
    )
    examples = (
        ("def f(x: int, y: str = '') -> bool:\n    return x > 0\n", "def f(x, y=''):\n    return x > 0\n"),
        ("def f(x):\n    y: list[int] = []\n    return y\n", "def f(x):\n    y = []\n    return y\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        if _READ.search(source.text):
            return
        adorned = decorated(source.units)
        for unit in source.units:
            if unit.kind == "function" and id(unit) not in adorned:
                found = [_removed(unit, node) for node in _annotations(unit) if _plain(unit, node)]
                if removed := tuple(one for one in found if one is not None):
                    yield Place(self, (removed,))


def _annotations(unit: Unit) -> Iterator[int]:
    """Annotations of parameters, of the result, and of variables that are assigned to."""
    for node, role in enumerate(unit.role):
        if role == "annotation" and node in unit.frozen:
            parent = unit.parent[node]
            if unit.label[parent] != "AnnotatedAssignment" or len(unit.children[parent]) == 3:
                yield node


def _plain(unit: Unit, node: int) -> bool:
    return _PLAIN.issuperset(unit.label[node : unit.last(node) + 1])


def _removed(unit: Unit, node: int) -> Replacement | None:
    text, before, behind = unit.file, *unit.siblings(node)
    end = unit.ends[node]
    if unit.parent[node] == 0:
        sign = _ARROW.fullmatch(text, text.rfind(")", 0, unit.starts[node]) + 1, unit.starts[node])
    else:
        sign = _COLON.fullmatch(text, unit.ends[before], unit.starts[node])
    if sign is None:
        return None
    if unit.role[behind] == "default" and behind >= 0 and _EQUAL.fullmatch(text, end, unit.starts[behind]):
        return Replacement(sign.start(), unit.starts[behind], ("=",))
    return Replacement(sign.start(), end)
