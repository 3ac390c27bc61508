"""BL201: the wrong comparison."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange


class ComparisonOperator(TokenExchange):
    """``<`` where ``<=`` was meant, ``==`` where ``!=`` or ``is`` was.

    One rule for all of them: were identity tests a rule of their own, exchanging `==` for `is` would move a site from one rule
    to the other.
    """

    code = "BL201"
    name = "wrong-comparison-operator"
    summary = "A comparison uses the wrong one of `<`, `<=`, `>`, `>=`, `==`, `!=`, `is`, `is not`."
    why = (
        "Boundary values take the wrong branch, the test is inverted and every value does, or equal objects are told apart "
        "because they are not the same one."
    )
    looks_at = (
        cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual, cst.Equal, cst.NotEqual, cst.Is, cst.IsNot,
    )  # fmt: skip
    groups = (("<", "<=", ">", ">=", "==", "!=", "is", "is not"),)
    examples = (
        Example("while low <= high:\n    low += 1\n", "while low < high:\n    low += 1\n"),
        Example("found = [x for x in xs if x != y]\n", "found = [x for x in xs if x == y]\n"),
        Example("if x is not None:\n    x.close()\n", "if x is None:\n    x.close()\n"),
        Example("if name == other:\n    pass\n", "if name is other:\n    pass\n"),
    )

    def message(self, written: str, proposed: str) -> str:
        return f"this comparison with `{written}` is probably wrong; `{proposed}` fits better"
