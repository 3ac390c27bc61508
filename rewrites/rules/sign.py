"""BL208: a minus too many or too few."""

from collections.abc import Iterable

import libcst as cst

from ..base import Example, Relabel, Rule, Site
from ..unit import Unit

CHANGES = (Relabel("slot:"), Relabel("slot:-"))


class Sign(Rule):
    """``x[n:]`` where ``x[-n:]`` was meant, or the other way round.  Numbers have their signs in BL301."""

    code = "BL208"
    name = "wrong-sign"
    summary = "An index or a bound of a slice lacks a minus, or has one too many."
    why = "What is counted from the end is counted from the start; both exist, so nothing fails."
    looks_at = (cst.Index, cst.Slice)
    labels = frozenset({"slot:", "slot:+", "slot:-"})
    examples = (
        Example("tail = lines[-count:]\n", "tail = lines[count:]\n"),
        Example("item = stack[depth]\n", "item = stack[-depth]\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        if unit.role[node] != "sign":
            return ()
        place, written = (unit.starts[node], unit.ends[node]), int(unit.label[node] == "slot:-")
        return (Site.exchange(self, node, place, ("no `-`", "-"), CHANGES, written, texts=("", "-")),)

    def message(self, written: str, proposed: str) -> str:
        return "a minus is probably missing here" if proposed == "-" else "the minus here is probably one too many"
