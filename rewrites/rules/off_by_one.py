"""BL209: off by one."""

from collections.abc import Iterable

import libcst as cst

from ..base import Example, Relabel, Rule, Site
from ..unit import Unit

FILLERS = (Relabel("slot:", ""), Relabel("slot:+", "1"), Relabel("slot:-", "1"))


class OffByOne(Rule):
    """``x[i + 1]`` where ``x[i]`` was meant, ``range(n)`` where ``range(n - 1)`` was.  Bare numbers are in BL301."""

    code = "BL209"
    name = "off-by-one"
    summary = "An index, a bound of a slice or an argument of `range` is one too high or too low."
    why = "The first or last element is left out, taken twice, or asked for beyond the end."
    looks_at = (cst.Index, cst.Slice, cst.Arg)
    labels = frozenset({"slot:", "slot:+", "slot:-"})
    examples = (
        Example("for i in range(len(items) - 1):\n    pass\n", "for i in range(len(items)):\n    pass\n"),
        Example("rest = words[start:]\n", "rest = words[start + 1:]\n"),
        Example("before = items[i - 1]\n", "before = items[i + 1]\n"),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        written = (unit.label[node], unit.text[node])
        if unit.role[node] != "offset" or written not in FILLERS:
            return ()
        place, chosen = (unit.starts[node], unit.ends[node]), FILLERS.index(written)
        return (Site.exchange(self, node, place, ("no offset", "+ 1", "- 1"), FILLERS, chosen, texts=("", " + 1", " - 1")),)

    def message(self, written: str, proposed: str) -> str:
        if proposed == "no offset":
            return f"`{written}` is probably one off here"
        return (
            f"this is probably one off; `{proposed}` is missing"
            if written == "no offset"
            else (f"`{written}` is probably off here; `{proposed}` fits better")
        )
