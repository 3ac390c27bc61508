"""BL203: the wrong bitwise operation."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange


class BitwiseOperator(TokenExchange):
    """``&`` where ``|`` was meant, ``<<`` where ``>>`` was."""

    code = "BL203"
    name = "wrong-bitwise-operator"
    summary = "A bitwise calculation uses the wrong one of `&`, `|`, `^`, or the wrong shift."
    why = "Flags are set instead of tested, masks let everything through, shifts go the wrong way."
    looks_at = (cst.BitAnd, cst.BitOr, cst.BitXor, cst.LeftShift, cst.RightShift)
    groups = (("&", "|", "^"), ("<<", ">>"))
    examples = (
        Example("if flags & mask:\n    pass\n", "if flags | mask:\n    pass\n"),
        Example("high = word >> 8\n", "high = word << 8\n"),
    )

    def message(self, written: str, proposed: str) -> str:
        return f"`{written}` is probably the wrong operator here; `{proposed}` fits better"
