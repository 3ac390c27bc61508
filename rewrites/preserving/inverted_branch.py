"""``if not c: B else: A`` for ``if c: A else: B``."""

import re
from collections.abc import Iterator

import libcst as cst

from ..lines import behind_colon, behind_comments, behind_statement, line_start
from ..source import Source
from ..transformation import Place, Replacement, Span, Transformation
from ..unit import Unit

_ELSE = re.compile(r"^([ \t\f]*)else[ \t\f]*:", re.MULTILINE)
_NEGATED = {"op:is": "is not", "op:is not": "is", "op:in": "not in", "op:not in": "in"}
_LOOSE = {"BooleanChain", "Conditional", "Lambda", "Walrus"}
"""What binds less tightly than ``not``."""

Parts = tuple[str | Span, ...]


class InvertedBranch(Transformation):
    """Negate a condition and exchange the blocks below ``if`` and ``else``."""

    name = "inverted-branch"
    summary = "`if c: A else: B` becomes `if not c: B else: A`."
    why = (
        "The condition is evaluated once in both, and the same block runs.  `is` and `in` become `is not` and `not in`, "
        "which the language defines as their negation; a `not` in front goes away; everything else gets one.  Comments "
        "stay with their block.  An `if` that `elif` follows is left alone (the last `elif` with its `else` is not), and "
        "so are blocks that declare a name `global` or `nonlocal`, which must come before its use, and those with "
        "comments between them."
    )
    examples = (
        ("if ready:\n    go()\nelse:\n    wait()\n", "if not ready:\n    wait()\nelse:\n    go()\n"),
        ("if x is None:  # gone\n    go()\nelse:\n    run(x)\n", "if x is not None:\n    run(x)\nelse:  # gone\n    go()\n"),
        ("if not (a or b):\n    c()\nelse:\n    d()\n", "if (a or b):\n    d()\nelse:\n    c()\n"),
        ("if a and b: c()\nelse: d()\n", "if not (a and b): d()\nelse: c()\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        for unit in source.units:
            for node, tree in enumerate(unit.tree):
                if not isinstance(tree, cst.If) or not isinstance(tree.orelse, cst.Else) or unit.label[node] != "If":
                    continue
                if found := _inverted(unit, node):
                    yield Place(self, ((found,),))


def _inverted(unit: Unit, node: int) -> Replacement | None:
    text, (*test, body, orelse) = unit.file, unit.children[node]
    if "Declaration" in unit.label[body : unit.last(orelse) + 1]:
        return None
    start = behind_colon(text, unit.ends[test[-1]])
    middle = behind_statement(text, unit.ends[body])
    found = _ELSE.search(text, middle, unit.starts[orelse]) if 0 <= start < middle else None
    if found is None:
        return None
    first_end = behind_comments(text, middle, found[1])
    end = behind_statement(text, unit.ends[orelse])
    if end < 0 or text[first_end : found.start()].strip():
        return None
    end = behind_comments(text, end, found[1])
    if line_start(text, end) == end:
        blocks: Parts = (Span(found.end(), end), Span(found.start(), found.end()), Span(start, found.start()))
    else:  # the file ends without the end of its last line
        line_end = text[len(text[: found.start()].rstrip("\r\n")) : found.start()]
        inner = found.start() - len(line_end)
        blocks = (Span(found.end(), end), line_end, Span(found.start(), found.end()), Span(start, inner))
    begin = unit.starts[test[0]]
    between = Span(unit.ends[test[-1]], start)
    return Replacement(begin, end, (*_negation(unit, test), between, *blocks))


def _negation(unit: Unit, test: list[int]) -> Parts:
    """The condition's opposite; ``test``: its slot for ``not``, where it has one, and itself."""
    node = test[-1]
    whole = Span(unit.starts[node], unit.ends[node])
    space = "" if unit.tail(unit.starts[test[0]]).isspace() else " "
    if unit.label[test[0]] == "slot:not":
        return (space, whole)
    bare = not getattr(unit.tree[node], "lpar", ())
    if bare and unit.label[node] in _LOOSE:
        return (f"{space}not (", whole, ")")
    if bare and unit.label[node] == "Comparison" and len(unit.children[node]) == 3:
        operator = unit.children[node][1]
        if words := _NEGATED.get(unit.label[operator]):
            start, end = unit.starts[operator], unit.ends[operator]
            left, right = (" " if not edge.isspace() else "" for edge in (unit.tail(start), unit.head(end)))
            return (space, Span(whole.start, start), f"{left}{words}{right}", Span(end, whole.end))
    return (f"{space}not ", whole)
