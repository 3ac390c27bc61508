"""BL103: the wrong function, class or constant."""

from collections.abc import Iterable

import libcst as cst

from ..base import Example, Rule, Site
from ..resolve import lookup
from ..unit import LOAD, Unit

MANY = 16
"""Names that are offered in one place, by order of first use."""


class DefinitionMisuse(Rule):
    """``min(...)`` where ``max(...)`` was meant, ``encode(x)`` where ``decode(x)`` was.

    Candidates are the functions, classes, imports, module globals and builtins that earlier statements of the unit use: what is
    called is exchanged with what was called (what the file itself defines is not), the rest with the rest.
    """

    code = "BL103"
    name = "definition-misuse"
    summary = "A function, class, import or global is used where another one was meant."
    why = "The code calls or reads something of the right shape that does another thing, and nothing fails at once."
    looks_at = (cst.Name,)
    labels = frozenset({"Name"})
    examples = (
        Example(
            "def span(values):\n    low = min(values)\n    high = max(values)\n    return max(high, 0) - min(low, 0)\n",
            "def span(values):\n    low = min(values)\n    high = max(values)\n    return max(high, 0) - max(low, 0)\n",
        ),
        Example(
            "LOW, HIGH = 1, 9\n\ndef clip(x):\n"
            "    if x > HIGH:\n        x = HIGH\n    if x < LOW:\n        x = LOW\n    return x\n",
            "LOW, HIGH = 1, 9\n\ndef clip(x):\n"
            "    if x > HIGH:\n        x = HIGH\n    if x < LOW:\n        x = HIGH\n    return x\n",
        ),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        used = unit.earlier.used.get(node)
        if used is None:
            return ()
        name, symbols = unit.names.get(node), used.group(MANY)
        if name is None or name.use != LOAD or len(symbols) < 2 or unit.parenthesised(node):
            return ()
        chosen, (names, changes) = symbols.index(unit.symbol_of[node]), unit.references(tuple(symbols))
        idle = None
        if name.scope is not unit.scope or unit.kind == "class":  # another thing may have that name here
            seen = [lookup(name.scope, text) is unit.symbols[symbol].scope for symbol, text in zip(symbols, names, strict=True)]
            idle = [at for at, fits in enumerate(seen) if at == chosen or not fits]
        return (Site.exchange(self, node, (unit.starts[node], unit.ends[node]), names, changes, chosen, idle),)

    def message(self, written: str, proposed: str) -> str:
        return f"`{written}` is probably the wrong name here; `{proposed}` fits better"
