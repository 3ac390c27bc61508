"""The skeleton of one unit: what stays when choices move.

A unit is a function, a class body or a module body.  Its skeleton is a list of nodes in source order; operators, literals and
names are token nodes whose label and text are choices, the rest is fixed.  Chains of binary operators lie flat (``a + b * c``
is one node with five children), so exchanging an operator never moves a node; a condition always has a slot before it that
holds ``not`` or nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from .base import Rename, Site
from .earlier import Earlier

if TYPE_CHECKING:
    from .members import Members

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
    uses: tuple[Name, Name, Name] = field(init=False)
    """what a name token in it is when read, bound or frozen: one object for all of them"""

    def __post_init__(self) -> None:
        self.uses = Name(self, LOAD), Name(self, STORE), Name(self, FROZEN)

    def bind(self, name: str, kind: str, offset: int) -> None:
        known = self.bindings.get(name)
        if known is None:
            self.bindings[name] = (kind, offset)
        elif known[0] == "variable" and kind != "variable":
            self.bindings[name] = (kind, known[1])


class Symbol(NamedTuple):
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


class Variables(NamedTuple):
    """The variables of a unit's own scope and of the functions around it, in order of binding."""

    order: list[int]
    """symbols"""
    first: list[int]
    """where each is bound first; sorted"""
    rank: dict[int, int]
    """symbol -> index in ``order``"""
    inner: dict[int, dict[str, tuple[int, bool]]]
    """scope of a comprehension or lambda -> name -> (symbol, whether it is a variable that rules use)"""
    loops: list[int]
    """node -> where the outermost loop around it ends, -1 if there is none"""


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
    children: list[Sequence[int]] = field(default_factory=list)
    stop: list[int] = field(default_factory=list)
    """node -> where the subtree below it ends: its nodes are consecutive"""
    names: dict[int, Name] = field(default_factory=dict)
    """name tokens by node"""
    frozen: set[int] = field(default_factory=set)
    """nodes of annotations, defaults and decorators, where no rule looks"""
    captures: dict[int, set[int]] = field(default_factory=dict)
    """definition node -> symbols of this unit that the function or class defined there uses"""
    symbols: list[Symbol] = field(default_factory=list)
    symbol_of: dict[int, int] = field(default_factory=dict)
    """name token -> symbol"""
    members: Members | None = None
    """of the class whose body holds this function"""
    _variables: Variables | None = None
    _references: dict[tuple[int, ...], tuple[list[str], list[Rename]]] = field(default_factory=dict)
    _earlier: Earlier | None = None
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
        return index

    def close(self, end: int) -> None:
        """Finish the skeleton of a unit that ends here: all its nodes have been added."""
        self.end = self.ends[0] = end
        families: dict[int, list[int]] = {}
        for node, parent in enumerate(islice(self.parent, 1, None), 1):
            if parent in families:
                families[parent].append(node)
            else:
                families[parent] = [node]
        size = len(self.label)
        children: list[Sequence[int]] = [()] * size
        stop = list(range(1, size + 1))
        for parent in sorted(families, reverse=True):  # from the inside
            children[parent] = family = families[parent]
            stop[parent] = stop[family[-1]]
        self.children, self.stop = children, stop

    def last(self, node: int) -> int:
        """The last node of the subtree below ``node``."""
        return self.stop[node] - 1

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

    def variable_group(self, node: int, symbol: int, many: int) -> list[int]:
        """At most ``many`` of the variables that are bound where name token ``node`` stands, with ``symbol`` among them.

        Variables count in order of binding, in fixed groups of ``many``; the list is empty if ``symbol`` is not bound there.  A
        binding counts when it stands before the node or in a loop around it.  What the node itself reads plays no part.
        """
        variables = self._variables or self._ordered_variables()
        bound = bisect_left(variables.first, max(self.starts[node], variables.loops[node] + 1))
        scope: Scope | None = self.names[node].scope
        if scope is self.scope:
            at = variables.rank.get(symbol, bound)
            begin = at // many * many
            return variables.order[begin : min(begin + many, bound)] if at < bound else []
        seen: dict[str, int] = {}
        while scope is not None and scope is not self.scope:
            for name, (index, usable) in variables.inner.get(id(scope), {}).items():
                seen.setdefault(name, index if usable else -1)
            scope = scope.parent
        for index in variables.order[:bound]:
            if self.kind != "class" or self.symbols[index].kind == "enclosing":  # inside, names of a class body are not seen
                seen.setdefault(self.symbols[index].name, index)
        found = [index for index in seen.values() if index >= 0]
        begin = found.index(symbol) // many * many if symbol in found else len(found)
        return found[begin : begin + many]

    def _ordered_variables(self) -> Variables:
        rows: list[tuple[int, int]] = []
        inner: dict[int, dict[str, tuple[int, bool]]] = {}
        own = {symbol.name for symbol in self.symbols if symbol.scope is self.scope and symbol.kind != "enclosing"}
        for index, symbol in enumerate(self.symbols):
            usable = symbol.kind in ("variable", "parameter") and symbol.name.strip("_") != "" and symbol.name != "range"
            if symbol.kind == "enclosing":
                if symbol.name not in own:  # def f(x=x): the outer one cannot be reached inside
                    rows.append((symbol.first, index))
            elif usable and symbol.scope is self.scope:
                rows.append((symbol.first, index))
            elif symbol.scope is not self.scope and symbol.kind not in ("global", "builtin"):
                inner.setdefault(id(symbol.scope), {})[symbol.name] = (index, usable)
        rows.sort()
        order = [index for _, index in rows]
        rank = {symbol: at for at, symbol in enumerate(order)}
        self._variables = Variables(order, [first for first, _ in rows], rank, inner, self._loops())
        return self._variables

    def references(self, symbols: tuple[int, ...]) -> tuple[list[str], list[Rename]]:
        """Their names, and the changes that let a token refer to them; the same lists for the same symbols."""
        known = self._references.get(symbols)
        if known is None:
            known = self._references[symbols] = [self.symbols[symbol].name for symbol in symbols], [*map(Rename, symbols)]
        return known

    @property
    def earlier(self) -> Earlier:
        """What had been used before each token."""
        if self._earlier is None:
            self._earlier = Earlier(self)
        return self._earlier

    def _loops(self) -> list[int]:
        """Node -> where the outermost loop around it ends, -1 if there is none."""
        loops = [-1] * len(self.label)
        if "For" in self.label or "While" in self.label:
            for child, parent in enumerate(islice(self.parent, 1, None), 1):
                if loops[parent] >= 0:
                    loops[child] = loops[parent]
                elif self.label[parent] in ("For", "While"):
                    loops[child] = self.ends[parent]
        return loops
