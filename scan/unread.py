"""Names that a function binds and nothing reads."""

from __future__ import annotations

from ..rewrites.unit import STORE, Unit


def is_unread(unit: Unit, symbol: int) -> bool:
    """Whether a function's own parameter or variable is read nowhere: not in it, and not in functions inside of it."""
    own = unit.kind == "function" and unit.symbols[symbol].kind in ("parameter", "variable")
    captured = any(symbol in symbols for symbols in unit.captures.values())
    return own and not captured and not any(_reads(unit, use) for use, used in unit.symbol_of.items() if used == symbol)


def _reads(unit: Unit, use: int) -> bool:
    """Whether the token reads its name; in ``x += 1`` it does, though it binds it too."""
    if unit.names[use].use != STORE:
        return True
    operators = [unit.label[other] for other in unit.children[unit.parent[use]] if unit.label[other].startswith("op:")]
    return any(operator != "op:=" for operator in operators)
