"""What a unit's reader would look up elsewhere: the callees of its calls, the members of its class, constants it reads.

Nothing here depends on a choice, or a delta would have to move it: a call counts only where no rule can exchange any part of
its callee, what a unit itself returns or binds is not shown to it again, and everything is ordered by content, not by place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ..rewrites.outline import Signature, outline
from ..rewrites.project import ALONE, Around, Class, Module
from ..rewrites.source import Source
from ..rewrites.unit import Unit

MAX_NODES = 24
"""Nodes of context for one unit."""

MAX_PARAMETERS = 8
"""Parameters shown of one callee, the first ones."""

MAX_MEMBERS = 4
"""Members of its class that are shown to a method which does not use them."""

_GLOBAL = re.compile(r"^[ \t]*global[ \t]+([\w, \t]+)", re.MULTILINE)


class Callee(NamedTuple):
    """A function as its callers see it: texts of nodes."""

    returns: str
    parameters: tuple[str, ...]
    """``name``, or ``name=default``"""


@dataclass(slots=True)
class Context:
    """What is added to one unit."""

    callees: list[Callee] = field(default_factory=list)
    calls: dict[int, int] = field(default_factory=dict)
    """call -> callee"""
    filled: dict[int, tuple[int, int]] = field(default_factory=dict)
    """argument -> callee, parameter"""
    members: tuple[str, ...] = ()
    """of the class around a method, in order of the text"""
    constants: dict[int, str] = field(default_factory=dict)
    """symbol -> text of the literal it is bound to"""


class Surroundings:
    """A file as a module of its project, or alone."""

    def __init__(self, source: Source, around: Around = ALONE) -> None:
        self.text, self.around = source.text, around
        self._members: dict[str, tuple[str, ...]] = {}
        """class at module level -> its members, inherited ones too"""
        self._meanings: dict[str, Signature | Class | str | None] = {}
        """dotted name -> what it stands for at module level"""

    @cached_property
    def module(self) -> Module:
        around = self.around
        own = outline(self.text) if around.project is None else around.project.outline(self.text)
        return Module(around.module, own, around.is_package, around.project)

    @cached_property
    def rebound(self) -> set[str]:
        """Names that functions declare global, and so may bind anew."""
        return {name.strip() for found in _GLOBAL.finditer(self.text) for name in found[1].split(",")}

    def of(self, unit: Unit) -> Context:
        """The context of ``unit``, a unit of this file."""
        context = Context()
        own = self._own_class(unit)
        found = self._callees(unit, own)
        order = sorted({callee for callee, _ in found.values()}, key=lambda callee: (callee.parameters, callee.returns))
        room = MAX_NODES
        number: dict[Callee, int] = {}
        for callee in order:
            if len(callee.parameters) < room:
                room -= len(callee.parameters) + 1
                number[callee] = len(context.callees)
                context.callees.append(callee)
        for call, (callee, signature) in found.items():
            if callee in number:
                context.calls[call] = number[callee]
                self._fill(unit, call, number[callee], signature, context)
        if own is not None:
            if unit.owner not in self._members:
                self._members[unit.owner] = tuple(dict.fromkeys(name for part in own.lineage() for name in part.members))
            context.members = self._members[unit.owner]
        if unit.kind != "module":
            self._constants(unit, context)
        return context

    def find(self, dotted: str) -> Signature | Class | str | None:
        """What a dotted name stands for in this module."""
        if dotted not in self._meanings:
            self._meanings[dotted] = self.module.find(dotted)
        return self._meanings[dotted]

    def _own_class(self, unit: Unit) -> Class | None:
        """The class around a method, if it stands at module level."""
        if not unit.owner or unit.name.count(".") != 1:
            return None
        outline = self.module.outline.classes.get(unit.owner)
        return None if outline is None else Class(outline, self.module)

    def _callees(self, unit: Unit, own: Class | None) -> dict[int, tuple[Callee, Signature]]:
        known: dict[int, Signature] = {}
        for call, label in enumerate(unit.label):
            if label == "Call" and unit.label[func := unit.children[call][0]] in ("Name", "Attribute"):
                signature = self._signature(unit, own, func)
                if signature is not None:
                    known[call] = signature
        if not known:
            return {}
        found: dict[int, tuple[Callee, Signature]] = {}
        exchanged = {site.node for site in unit.sites}
        myself = self._self(unit, own)
        for call, signature in known.items():
            func = unit.children[call][0]
            if exchanged.isdisjoint(range(func, unit.stop[func])):
                found[call] = _shown(signature, returns=signature.returns if signature is not myself else ""), signature
        return found

    def _self(self, unit: Unit, own: Class | None) -> Signature | None:
        """The signature of the unit itself, whose returns are its own choices."""
        if own is not None:
            return own.outline.methods.get(unit.name.rpartition(".")[2])
        return self.module.outline.functions.get(unit.name)

    def _signature(self, unit: Unit, own: Class | None, func: int) -> Signature | None:
        attributes: list[str] = []
        node = func
        while unit.label[node] == "Attribute":
            node, attribute = unit.children[node]
            attributes.insert(0, unit.text[attribute])
        if unit.label[node] == "Call" and len(attributes) == 1 and own is not None:
            return own.method(attributes[0], inherited=True) if _is_super(unit, node) else None
        if node not in unit.names:
            return None
        symbol = unit.symbols[unit.symbol_of[node]]
        if symbol.kind == "receiver":
            return own.method(attributes[0]) if own is not None and len(attributes) == 1 else None
        if symbol.scope is None or symbol.scope.kind != "module":
            return None
        meant = self.find(".".join([symbol.name, *attributes]))
        if isinstance(meant, Class):
            return meant.method("__init__")
        return meant if isinstance(meant, Signature) else None

    def _fill(self, unit: Unit, call: int, callee: int, signature: Signature, context: Context) -> None:
        positional = [p.name for p in signature.parameters if not p.keyword_only][:MAX_PARAMETERS]
        place = {p.name: at for at, p in enumerate(signature.parameters[:MAX_PARAMETERS])}
        plain = True
        for at, argument in enumerate(unit.children[call][1:]):
            role = unit.role[argument]
            plain = plain and role.startswith("arg")
            if plain and at < len(positional):
                context.filled[argument] = callee, at
            elif role == "keyword" and (name := unit.text[unit.children[argument][0]]) in place:
                context.filled[argument] = callee, place[name]

    def _constants(self, unit: Unit, context: Context) -> None:
        for index, symbol in enumerate(unit.symbols):
            outside = symbol.kind in ("global", "import") and symbol.scope is not None and symbol.scope.kind == "module"
            if outside and symbol.name not in self.rebound and isinstance(text := self.find(symbol.name), str):
                context.constants[index] = text


def _shown(signature: Signature, returns: str) -> Callee:
    parameters = signature.parameters[:MAX_PARAMETERS]
    return Callee(returns, tuple(f"{p.name}={p.default}" if p.default else p.name for p in parameters))


def _is_super(unit: Unit, call: int) -> bool:
    func = unit.children[call][0]
    return len(unit.children[call]) == 1 and unit.label[func] == "Name" and unit.text[func] == "super"
