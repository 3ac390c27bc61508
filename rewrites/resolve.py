"""What each name means: symbols of every unit, and the names its nested functions take from it."""

from __future__ import annotations

from .unit import STORE, Scope, Symbol, Unit

MAX_ENCLOSING = 16
"""Variables of enclosing functions that are offered inside a nested one."""


def lookup(scope: Scope, name: str) -> Scope | None:
    """The scope whose binding of ``name`` is seen from ``scope``; None for builtins and names bound by magic."""
    here: Scope | None = scope
    while here is not None:
        if name in here.declared_global:
            return _module(here)
        if name in here.bindings and name not in here.declared_nonlocal and (here.kind != "class" or here is scope):
            return here
        here = here.parent
    return None


def resolve(units: list[Unit], outer: dict[int, tuple[Unit, int]]) -> None:
    """Give every name token of every unit its symbol, and every definition stub its captured names.

    ``outer``: index of a unit -> (unit around it, its stub there).
    """
    for unit in units:
        _symbols(unit)
    place = {id(units[index]): around for index, around in outer.items()}
    for unit in units:
        for index in set(unit.symbol_of.values()):
            symbol = unit.symbols[index]
            if symbol.scope is not None and symbol.scope is not unit.scope and symbol.scope.kind != "module":
                _capture(unit, symbol, place)


def _capture(unit: Unit, symbol: Symbol, place: dict[int, tuple[Unit, int]]) -> None:
    """Show a name that ``unit`` takes from a function around it below the stub that stands for it there."""
    while symbol.scope is not None and id(unit) in place and _leaves(unit, symbol.scope):
        unit, stub = place[id(unit)]
        if unit.scope is symbol.scope and unit.kind != "module":
            mine = next(i for i, own in enumerate(unit.symbols) if own.scope is symbol.scope and own.name == symbol.name)
            unit.captures.setdefault(stub, set()).add(mine)


def _module(scope: Scope) -> Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def _leaves(unit: Unit, scope: Scope) -> bool:
    """Whether ``scope`` lies outside of ``unit`` (comprehensions and lambdas lie inside)."""
    here: Scope | None = scope
    while here is not None:
        if here is unit.scope:
            return False
        here = here.parent
    return True


def _symbols(unit: Unit) -> None:
    """Order symbols so that no choice of names changes it: own bindings, enclosing variables, then the rest by name."""
    table: dict[tuple[int, str], int] = {}

    def add(name: str, kind: str, first: int, scope: Scope | None) -> None:
        key = (id(scope), name)
        if key not in table:
            table[key] = len(unit.symbols)
            unit.symbols.append(Symbol(name, kind, first, scope))

    own: dict[int, Scope] = {id(unit.scope): unit.scope}
    for name_use in unit.names.values():
        if name_use.use == STORE:
            own.setdefault(id(name_use.scope), name_use.scope)
    for scope in own.values():
        if scope is unit.scope or not _leaves(unit, scope):
            for name, (kind, first) in scope.bindings.items():
                if name not in scope.declared_global and name not in scope.declared_nonlocal:
                    add(name, kind, first if scope is unit.scope else -1, scope)
    offered = 0
    enclosing: Scope | None = unit.scope.parent if unit.kind == "function" else None
    while enclosing is not None:
        if enclosing.kind == "function":
            for name, (kind, _) in enclosing.bindings.items():
                if kind in ("variable", "parameter") and offered < MAX_ENCLOSING and lookup(unit.scope, name) is enclosing:
                    add(name, "enclosing", -1, enclosing)
                    offered += 1
        enclosing = enclosing.parent
    rest: list[tuple[str, str, Scope | None]] = []
    meant: dict[tuple[int, str], tuple[int, str]] = {}
    """(scope in which a name stands, the name) -> (scope that binds it, the name)"""
    found: list[tuple[int, str]] = []
    for node, name_use in unit.names.items():
        name = unit.text[node]
        place = (id(name_use.scope), name)
        key = meant.get(place)
        if key is None:
            name = name.partition(".")[0]
            seen = lookup(name_use.scope, name)
            key = meant[place] = (id(seen), name)
            if key not in table:
                rest.append((name, "builtin" if seen is None else _foreign_kind(seen, name), seen))
        found.append(key)
    for name, kind, foreign in sorted(rest, key=lambda item: item[:2]):
        add(name, kind, -1, foreign)
    unit.symbol_of = dict(zip(unit.names, map(table.__getitem__, found), strict=True))


def _foreign_kind(scope: Scope, name: str) -> str:
    kind = scope.bindings[name][0] if name in scope.bindings else "variable"
    if kind in ("definition", "import"):
        return kind
    return "global" if scope.kind == "module" else "enclosing"
