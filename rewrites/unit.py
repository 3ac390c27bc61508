"""The skeleton of one unit: what stays when choices move.

A unit is a function, a class body or a module body.  Its skeleton is a list of nodes in source order; operators, literals and
names are token nodes whose label and text are choices, the rest is fixed.  Chains of binary operators lie flat (``a + b * c``
is one node with five children), so exchanging an operator never moves a node; a condition always has a slot before it that
holds ``not`` or nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import libcst as cst

from .base import Site

LOAD, STORE, FROZEN = 0, 1, 2
"""How a name token is used: read; bound; read where no rule may touch it (annotations, defaults, decorators)."""


@dataclass(slots=True, eq=False)
class Scope:
    """A region in which names are bound: module, class, function, or the inside of a comprehension or lambda."""

    kind: str
    parent: Scope | None
    bindings: dict[str, tuple[str, int]] = field(default_factory=dict)
    """name -> (kind of binding, offset of the first one)"""
    declared_global: set[str] = field(default_factory=set)
    declared_nonlocal: set[str] = field(default_factory=set)

    def bind(self, name: str, kind: str, offset: int) -> None:
        known = self.bindings.get(name)
        if known is None:
            self.bindings[name] = (kind, offset)
        elif known[0] == "variable" and kind != "variable":
            self.bindings[name] = (kind, known[1])


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name stands for inside one unit."""

    name: str
    kind: str
    """parameter, receiver, variable, enclosing, definition, import, global, builtin, attribute"""
    first: int
    """offset of the first binding in this unit's own scope, -1 where it is bound from the start"""
    scope: Scope | None


@dataclass(frozen=True, slots=True)
class Name:
    """A name token: in which scope it stands and how it is used."""

    scope: Scope
    use: int


@dataclass(slots=True, eq=False)
class Unit:
    """One function, class body or module body of a file."""

    name: str
    """qualified: ``Parser.feed``, ``outer.<locals>.inner``, ``Parser``, ``<module>``"""
    kind: str
    """function, class or module"""
    scope: Scope
    owner: str
    """name of the class whose body holds this function, else empty"""
    file: str
    """text of the whole file"""
    start: int = 0
    end: int = 0
    label: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    tree: list[cst.CSTNode | None] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    names: dict[int, Name] = field(default_factory=dict)
    """name tokens by node"""
    frozen: set[int] = field(default_factory=set)
    """nodes of annotations, defaults and decorators, where no rule looks"""
    captures: dict[int, set[int]] = field(default_factory=dict)
    """definition node -> symbols of this unit that the function or class defined there uses"""
    symbols: list[Symbol] = field(default_factory=list)
    symbol_of: dict[int, int] = field(default_factory=dict)
    """name token -> symbol"""
    _variables: dict[int, list[tuple[str, int, str, int]]] | None = None
    sites: tuple[Site, ...] = ()
    """where the rules see choices, in skeleton order"""

    def add(self, label: str, text: str, role: str, parent: int, start: int, end: int, tree: cst.CSTNode | None) -> int:
        index = len(self.label)
        self.label.append(label)
        self.text.append(text)
        self.role.append(role)
        self.parent.append(parent)
        self.starts.append(start)
        self.ends.append(end)
        self.tree.append(tree)
        self.children.append([])
        if parent >= 0:
            self.children[parent].append(index)
        return index

    def last(self, node: int) -> int:
        """The last node of the subtree below ``node`` (nodes of a subtree are consecutive)."""
        while self.children[node]:
            node = self.children[node][-1]
        return node

    def siblings(self, node: int) -> tuple[int, int]:
        """The nodes before and after ``node`` below its parent, -1 where there is none."""
        family = self.children[self.parent[node]]
        at = bisect_left(family, node)
        return (family[at - 1] if at else -1), (family[at + 1] if at + 1 < len(family) else -1)

    def parenthesised(self, node: int) -> bool:
        """Whether a token stands in parentheses of its own, which its range includes."""
        return bool(getattr(self.tree[node], "lpar", None))

    # ---- the text ----------------------------------------------------------------------------------------------------

    def source(self, node: int) -> str:
        return self.file[self.starts[node] : self.ends[node]]

    def between(self, start: int, end: int) -> str:
        return self.file[start:end]

    def tail(self, offset: int) -> str:
        """The character before ``offset``, empty at the start."""
        return self.file[offset - 1 : offset] if offset else ""

    def head(self, offset: int) -> str:
        """The character at ``offset``, empty at the end."""
        return self.file[offset : offset + 1]

    # ---- the names ---------------------------------------------------------------------------------------------------

    def variables_at(self, node: int) -> list[int]:
        """Symbols of the variables that are bound, as far as one can tell from the order of the text, where ``node`` stands.

        A binding counts when it stands before the node or in a loop around it.  What the node itself reads plays no part.
        """
        here = self.starts[node]
        loop = self._outermost_loop(node)
        seen: dict[str, int] = {}
        scopes = []
        scope: Scope | None = self.names[node].scope
        while scope is not None and scope is not self.scope:
            scopes.append(scope)
            scope = scope.parent
        if self.kind != "class" or not scopes:  # a comprehension in a class body does not see the names of the class
            scopes.append(self.scope)
        table = self.variables
        for scope in scopes:
            for name, index, kind, first in table.get(id(scope), ()):
                if name in seen:
                    continue
                seen[name] = index if kind != "other" and (first < here or loop[0] <= first <= loop[1]) else -1
        for name, index, _, _ in table.get(0, ()):
            seen.setdefault(name, index)
        return sorted(index for index in seen.values() if index >= 0)

    @property
    def variables(self) -> dict[int, list[tuple[str, int, str, int]]]:
        """scope -> (name, symbol, kind, first binding); scope 0 holds the variables of enclosing functions."""
        if self._variables is None:
            self._variables = {}
            for index, symbol in enumerate(self.symbols):
                if symbol.kind == "enclosing":
                    self._variables.setdefault(0, []).append((symbol.name, index, symbol.kind, -1))
                elif symbol.kind not in ("global", "builtin"):
                    usable = symbol.kind in ("variable", "parameter") and symbol.name.strip("_") != ""
                    row = (symbol.name, index, symbol.kind if usable else "other", symbol.first)
                    self._variables.setdefault(id(symbol.scope), []).append(row)
        return self._variables

    def _outermost_loop(self, node: int) -> tuple[int, int]:
        found = (1, 0)
        while (node := self.parent[node]) > 0:
            if self.label[node] in ("For", "While"):
                found = (self.starts[node], self.ends[node])
        return found
