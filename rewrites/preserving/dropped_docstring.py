"""Code without its docstrings."""

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from ..lines import alone, behind_statement, line_start
from ..source import Source
from ..transformation import Place, Replacement, Transformation
from ..unit import Unit
from ..walking.definitions import decorated

_READ = re.compile(r"\b(?:__doc__|doctest|docopt|getdoc|pydoc)\b")
_BETWEEN = re.compile(r"[ \t\f]*(?:;[ \t\f]*)?(?!\\)")


class DroppedDocstring(Transformation):
    """Remove the docstring of a function, a class or the module; where it is all there is, ``pass`` takes its place."""

    name = "dropped-docstring"
    summary = "A docstring goes away."
    why = (
        "Nothing is left to read it: files that mention `__doc__`, `doctest` or another of its readers are left alone, "
        "and so are definitions with decorators, which may make a help text of it.  A second string behind it would "
        "become the docstring, so there it stays."
    )
    examples = (
        ('def f(x):\n    """Twice x."""\n    return 2 * x\n', "def f(x):\n    return 2 * x\n"),
        ('class Empty(Exception):\n    """Nothing there."""\n', "class Empty(Exception):\n    pass\n"),
        ('def f(): "Twice."; return 2\n', "def f(): return 2\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        if _READ.search(source.text):
            return
        adorned = decorated(source.units)
        for unit in source.units:
            if id(unit) in adorned:
                continue
            body = _body(unit)
            if not body or not _is_text(unit, body[0]) or (len(body) > 1 and _is_text(unit, body[1])):
                continue
            if found := _removed(unit, body[0], only=len(body) == 1 and unit.kind != "module"):
                yield Place(self, ((found,),))


def _body(unit: Unit) -> Sequence[int]:
    """The statements of a unit."""
    if unit.kind == "module":
        return unit.children[0]
    return unit.children[unit.children[0][-1]]


def _is_text(unit: Unit, statement: int) -> bool:
    """Whether a statement is nothing but a string."""
    if unit.label[statement] != "Expression":
        return False
    parts = unit.tree[statement + 1 : unit.last(statement) + 1]
    strings = [tree for tree in parts if not isinstance(tree, cst.ConcatenatedString)]
    return all(isinstance(tree, cst.SimpleString) and "b" not in tree.prefix.lower() for tree in strings)


def _removed(unit: Unit, statement: int, only: bool) -> Replacement | None:
    text, start, end = unit.file, unit.starts[statement], unit.ends[statement]
    if only:
        return Replacement(start, end, ("pass",))
    behind = behind_statement(text, end)
    if behind < 0 or "#" in text[end:behind]:
        found = _BETWEEN.match(text, end)
        return Replacement(start, found.end()) if found and (behind >= 0 or ";" in found[0]) else None
    return Replacement(line_start(text, start), behind) if alone(text, start) else None
