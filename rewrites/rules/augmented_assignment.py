"""BL204: the wrong assignment operator."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange
from ..grammar import AUGMENTED
from ..unit import Unit


class AugmentedAssignment(TokenExchange):
    """``=`` where ``+=`` was meant, ``+=`` where ``-=`` was."""

    code = "BL204"
    name = "wrong-assignment-operator"
    summary = "An assignment uses the wrong one of `=`, `+=`, `-=`, `*=`, `/=`, `//=`, `%=`, or of `&=`, `|=`, `^=`."
    why = "A running total is overwritten, or a fresh value is added to a stale one."
    looks_at = (cst.AssignTarget, *AUGMENTED)
    groups = (("=", "+=", "-=", "*=", "/=", "//=", "%="), ("&=", "|=", "^="), ("<<=", ">>="))
    examples = (
        Example("total = 0\ntotal += price\n", "total = 0\ntotal = price\n"),
        Example("count = 9\ncount -= 1\n", "count = 9\ncount += 1\n"),
        Example("flags = 1\nflags |= other\n", "flags = 1\nflags &= other\n"),
    )

    def fits(self, unit: Unit, node: int) -> bool:
        statement = unit.parent[node]
        target, *rest = unit.children[statement]
        if len(rest) != 2 or unit.label[target] not in ("StoredName", "Attribute", "Subscript"):
            return False  # a = b = c and a, b = c have no augmented form
        if target in unit.names:
            symbol = unit.symbols[unit.symbol_of[target]]
            if symbol.first >= unit.starts[statement]:
                return False  # nothing is there yet that could be augmented
        return True

    def message(self, written: str, proposed: str) -> str:
        return f"this assignment with `{written}` is probably wrong; `{proposed}` fits better"
