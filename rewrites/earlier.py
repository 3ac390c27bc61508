"""What a unit has used before: candidates for names, attributes, numbers and keys that no list of the language gives.

A token is a candidate's place only if its own text was used in an earlier statement, and then its options are what had been
used there.  So a rewrite never adds to what was used, and never takes from it: what stands first is no place.  Statements, not
tokens, are what counts as earlier, for a swap of arguments changes the order of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .unit import Unit

NAMED = {"definition", "import", "global", "builtin"}
"""Kinds of symbols that are no variables."""

APART = {"super", "range"}
"""Names that stand for themselves: magic, and the one whose arguments have slots."""

VARIABLES = {"parameter", "variable", "enclosing"}

Pool = tuple[str | int, bool]
"""What a token is exchanged with: a kind of token (or the symbol its attribute is of), and whether it is called."""

NUMBER: Pool = ("number", False)
KEY: Pool = ("key", False)
_KEY = re.compile(r"[A-Za-z_][\w.:-]{0,39}")


SMALL = ("-2", "-1", "0", "1", "2")
"""Integers that need no earlier use."""


class Used(NamedTuple):
    """Texts (or symbols) of one pool that were used before a statement, in order of first use."""

    pool: Pool
    known: list[Any]
    size: int
    """how many of ``known`` had been used then"""
    at: int
    """the place of the token's own"""

    def group(self, many: int) -> Sequence[Any]:
        """At most ``many`` of them: the ones used first together, its own among them."""
        begin = self.at // many * many
        return self.known[begin : min(begin + many, self.size)]


class Earlier:
    """One pass over a unit, which is not kept: the unit keeps this, and what holds itself is not freed at once."""

    def __init__(self, unit: Unit) -> None:
        self.used: dict[int, Used] = {}
        """token -> what was used before it, where its own was"""
        self.numbers: dict[int, int] = {}
        """integer -> how many of the unit's numbers had been used before it"""
        self.known: dict[Pool, list[Any]] = {NUMBER: []}
        self._place: dict[Pool, dict[Any, int]] = {NUMBER: {}}
        self._pending: dict[Pool, set[Any]] = {}
        role = unit.role
        for node, label in enumerate(unit.label):
            if self._pending and role[node] == "statement":
                self._flush()
            if label in _TOKENS:
                _TOKENS[label](self, unit, node)

    def _flush(self) -> None:
        for pool, items in self._pending.items():
            known, place = self.known.setdefault(pool, []), self._place.setdefault(pool, {})
            for item in sorted(items):
                place[item] = len(known)
                known.append(item)
        self._pending.clear()

    def _note(self, node: int, pool: Pool, item: Any) -> None:
        at = self._place.get(pool, {}).get(item, -1)
        if at >= 0:
            known = self.known[pool]
            self.used[node] = Used(pool, known, len(known), at)
            return
        self._pending.setdefault(pool, set()).add(item)

    def _name(self, unit: Unit, node: int) -> None:
        symbol = unit.symbol_of[node]
        if unit.symbols[symbol].kind not in NAMED:
            return
        name, parent = unit.text[node], unit.label[unit.parent[node]]
        called = unit.role[node] == "func"
        if called and unit.symbols[symbol].kind == "definition":
            return  # the graph shows its parameters at the call, which no choice may take away
        if parent not in ("Attribute", "Delete") and name not in APART and not is_magic(name) and unit.role[node] != "base":
            self._note(node, ("name", called), symbol)

    def _attribute(self, unit: Unit, node: int) -> None:
        name, parent = unit.text[node], unit.parent[node]
        if is_magic(name) or (unit.members and unit.members.has(name) and of_receiver(unit, node)):
            return
        self._note(node, (_owner(unit, unit.children[parent][0]), unit.role[parent] == "func"), name)

    def _integer(self, unit: Unit, node: int) -> None:
        self.numbers[node] = len(self.known[NUMBER])
        if (text := unit.text[node]) not in SMALL:
            self._note(node, NUMBER, text)

    def _string(self, unit: Unit, node: int) -> None:
        text, parent = unit.text[node], unit.parent[node]
        if not _KEY.fullmatch(text) or unit.source(node)[1:-1] != text:
            return
        kind = unit.label[parent]
        if (
            kind in ("Subscript", "Comparison")
            or (kind == "Entry" and unit.role[node] == "key")
            or (kind == "Call" and unit.label[unit.children[parent][0]] == "Attribute")
        ):
            self._note(node, KEY, text)


_TOKENS: dict[str, Callable[[Earlier, Unit, int], None]] = {
    "Name": Earlier._name,
    "AttributeName": Earlier._attribute,
    "Integer": Earlier._integer,
    "String": Earlier._string,
}


def _owner(unit: Unit, base: int) -> str | int:
    """Whose attributes may be confused: those of one module, class or receiver, or those of any object."""
    symbol = unit.symbol_of.get(base, -1) if unit.label[base] == "Name" else -1
    if symbol < 0 or (kind := unit.symbols[symbol].kind) in VARIABLES:
        return "object"
    return "receiver" if kind == "receiver" else symbol


def is_magic(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def of_receiver(unit: Unit, attribute: int) -> bool:
    """Whether an attribute token is that of ``self`` (or whatever the method calls it)."""
    base = unit.children[unit.parent[attribute]][0]
    symbol = unit.symbol_of.get(base, -1)
    return symbol >= 0 and unit.symbols[symbol].kind == "receiver" and unit.label[base] == "Name"
