"""BL501: ``and`` for ``or``."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange


class BooleanOperator(TokenExchange):
    """``and`` where ``or`` was meant."""

    code = "BL501"
    name = "wrong-boolean-operator"
    summary = "A condition joins its parts with `and` where `or` was meant, or the other way round."
    why = "The condition holds almost always or almost never, and both look plausible."
    looks_at = (cst.And, cst.Or)
    groups = (("and", "or"),)
    examples = (
        Example("if low < x and x < high:\n    pass\n", "if low < x or x < high:\n    pass\n"),
        Example("if a or b and c:\n    pass\n", "if a and b and c:\n    pass\n"),
    )

    def message(self, written: str, proposed: str) -> str:
        return f"these conditions should probably be joined with `{proposed}` instead of `{written}`"
