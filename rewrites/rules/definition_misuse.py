"""BL103: the wrong function, class or constant."""

from collections.abc import Iterator

import libcst as cst

from ..base import Edit, Example, Option, Rule, Site
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

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        name = unit.names.get(node)
        used = unit.earlier.used.get(node)
        if used is None or name is None or name.use != LOAD or unit.parenthesised(node):
            return
        symbols = used.group(MANY)
        if len(symbols) < 2:
            return
        written = unit.symbol_of[node]
        start, end = unit.starts[node], unit.ends[node]
        options = []
        for symbol, change in zip(symbols, unit.references(tuple(symbols))[1], strict=True):
            text = unit.symbols[symbol].name
            fits = symbol != written
            if fits and (name.scope is not unit.scope or unit.kind == "class"):  # another thing may have that name here
                fits = lookup(name.scope, text) is unit.symbols[symbol].scope
            options.append(Option(text, change, Edit(start, end, text) if fits else None))
        yield Site(self, node, tuple(options), symbols.index(written))

    def message(self, written: str, proposed: str) -> str:
        return f"`{written}` is probably the wrong name here; `{proposed}` fits better"
