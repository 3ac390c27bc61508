"""BL102: the wrong attribute or method."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import libcst as cst

from ..base import Example, Member, Rule, Site, relabels
from ..earlier import of_receiver
from ..unit import Unit

MANY = 8
"""Attributes that are offered in one place, by order of first use."""


@lru_cache(maxsize=10_000)
def members_named(names: tuple[str, ...]) -> tuple[Member, ...]:
    """The changes of a receiver's attribute; the same object for the same names."""
    return tuple(map(Member, names))


class AttributeMisuse(Rule):
    """``self.width`` where ``self.height`` was meant.

    On the receiver of a method, candidates are the members of its class: data with data, methods with methods where not
    called.  Elsewhere they are the attributes used in earlier statements, of the same module or class, or of any object;
    called ones and others apart.
    """

    code = "BL102"
    name = "attribute-misuse"
    summary = "An attribute or method is used where another one of the object was meant."
    why = "The code runs and works on the wrong part of the object: typically a copied line that was only half changed."
    looks_at = (cst.Name,)
    labels = frozenset({"AttributeName"})
    examples = (
        Example(
            "class Box:\n    def __init__(self, w, h):\n        self.width = w\n        self.height = h\n\n"
            "    def area(self):\n        return self.width * self.height\n",
            "class Box:\n    def __init__(self, w, h):\n        self.width = w\n        self.height = h\n\n"
            "    def area(self):\n        return self.width * self.width\n",
        ),
        Example(
            "def span(a, b):\n    low = a.start\n    high = a.end\n    return b.end - b.start\n",
            "def span(a, b):\n    low = a.start\n    high = a.end\n    return b.end - b.end\n",
        ),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        members, written = unit.members, unit.text[node]
        of_self = of_receiver(unit, node)
        names: Sequence[str]
        if members is not None and of_self and members.has(written):
            if written in members.methods and unit.role[unit.parent[node]] == "func":
                return ()  # the graph shows its parameters at the call, which no choice may take away
            names = members.group(written)
        elif (used := unit.earlier.used.get(node)) is not None:
            names = used.group(MANY)
        else:
            return ()
        if len(names) < 2:
            return ()
        changes = members_named(tuple(names)) if of_self else relabels("AttributeName", tuple(names))
        return (Site.exchange(self, node, (unit.starts[node], unit.ends[node]), names, changes, names.index(written)),)

    def message(self, written: str, proposed: str) -> str:
        return f"`.{written}` is probably the wrong attribute here; `.{proposed}` fits better"
