"""BL502: a ``not`` too many or too few."""

from collections.abc import Iterator

import libcst as cst

from ..base import Example, Relabel, Rule, Site
from ..unit import Unit

CONTENTS = ("no `not`", "not")
CHANGES = (Relabel("slot:"), Relabel("slot:not"))
LOOSE, GLUED = ("", "not "), ("", " not ")
"""What is written, where a word stands before the condition without a space too."""


class Negation(Rule):
    """``if x`` where ``if not x`` was meant, or the other way round."""

    code = "BL502"
    name = "wrong-negation"
    summary = "A condition lacks a `not`, or has one too many."
    why = "Both branches are swapped for every input."
    looks_at = (cst.If, cst.While, cst.IfExp, cst.Assert, cst.CompFor, cst.BooleanOperation, cst.MatchCase)
    examples = (
        Example("if not path:\n    raise ValueError\n", "if path:\n    raise ValueError\n"),
        Example("while queue and not done:\n    queue.pop()\n", "while queue and done:\n    queue.pop()\n"),
        Example("if(ready):\n    go()\n", "if not (ready):\n    go()\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        for slot in unit.children[node]:
            label = unit.label[slot]
            if not label.startswith("slot:"):
                continue
            start, before = unit.starts[slot], unit.tail(unit.starts[slot])
            texts = GLUED if before.isalnum() or before == "_" else LOOSE
            yield Site.exchange(self, slot, (start, unit.ends[slot]), CONTENTS, CHANGES, int(label == "slot:not"), texts=texts)

    def message(self, written: str, proposed: str) -> str:
        return "a `not` is probably missing here" if proposed == "not" else "the `not` here is probably one too many"
