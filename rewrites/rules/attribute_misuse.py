"""BL102: the wrong attribute or method."""

from collections.abc import Iterator, Sequence

import libcst as cst

from ..base import Edit, Example, Member, Option, Relabel, Rule, Site
from ..earlier import Pool, call_of, of_receiver, seen_formals
from ..members import Members
from ..unit import Unit

MANY = 8
"""Attributes that are offered in one place, by order of first use."""

Formals = dict[str, tuple[str, ...] | None]
"""attribute -> the parameter names that the arguments of the call stand for if it is called; None if that is not known"""


class AttributeMisuse(Rule):
    """``self.width`` where ``self.height`` was meant.

    On the receiver of a method, candidates are the members of its class: data with data, methods with methods.  Elsewhere they
    are the attributes used in earlier statements, of the same module or class, or of any object; called ones and others apart.
    """

    code = "BL102"
    name = "attribute-misuse"
    summary = "An attribute or method is used where another one of the object was meant."
    why = "The code runs and works on the wrong part of the object: typically a copied line that was only half changed."
    looks_at = (cst.Name,)
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

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        if unit.label[node] != "AttributeName":
            return
        members, written = unit.members, unit.text[node]
        of_self = of_receiver(unit, node)
        formals: Formals
        if members is not None and of_self and members.has(written):
            names = members.group(written)
            formals = _parameters(unit, members, node, names)
        elif (used := unit.earlier.used.get(node)) is not None:
            names = used.group(MANY)
            formals = _seen(unit, used.pool, node, names)
        else:
            return
        if len(names) < 2:
            return
        start, end = unit.starts[node], unit.ends[node]
        mine = formals[written]
        options = []
        for name in names:
            theirs = formals[name]
            fits = name != written and theirs is not None and mine is not None and len(mine) == len(theirs)
            change = Member(name, theirs or ()) if of_self else Relabel("AttributeName", name)
            options.append(Option(name, change, Edit(start, end, name) if fits else None))
        yield Site(self, node, tuple(options), names.index(written))

    def message(self, written: str, proposed: str) -> str:
        return f"`.{written}` is probably the wrong attribute here; `.{proposed}` fits better"


def _parameters(unit: Unit, members: Members, node: int, names: Sequence[str]) -> Formals:
    arguments, written = _called_with(unit, node)
    receiver = unit.text[unit.children[unit.parent[node]][0]]
    visible = members.parameters if receiver in ("self", "cls") else {}
    found: Formals = {name: visible.get(name, ())[:arguments] for name in names}
    if found[unit.text[node]] != written:  # the names come from somewhere else
        return dict.fromkeys(names)
    return found


def _seen(unit: Unit, pool: Pool, node: int, names: Sequence[str]) -> Formals:
    if not pool[1]:
        return dict.fromkeys(names, ())
    arguments, _ = _called_with(unit, node)
    found: Formals = {name: unit.earlier.formals(pool, name, arguments) for name in names}
    if pool[0] == "receiver":
        return found
    return {name: () if seen == () else None for name, seen in found.items()}


def _called_with(unit: Unit, node: int) -> tuple[int, tuple[str, ...]]:
    return seen_formals(unit, call_of(unit, node)) if unit.role[unit.parent[node]] == "func" else (0, ())
