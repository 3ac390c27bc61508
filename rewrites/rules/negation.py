"""BL502: a ``not`` too many or too few."""

from collections.abc import Iterator

import libcst as cst

from ..base import Edit, Example, Option, Relabel, Rule, Site
from ..unit import Unit


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
            written = label == "slot:not"
            start, end = unit.starts[slot], unit.ends[slot]
            glued = start > 0 and (unit.tail(start).isalnum() or unit.tail(start) == "_")
            edit = Edit(start, end, "") if written else Edit(start, end, " not " if glued else "not ")
            yield Site(
                self,
                slot,
                (
                    Option("no `not`", Relabel("slot:"), edit if written else None),
                    Option("not", Relabel("slot:not"), None if written else edit),
                ),
                int(written),
            )

    def message(self, written: str, proposed: str) -> str:
        return "a `not` is probably missing here" if proposed == "not" else "the `not` here is probably one too many"
