"""BL201: the wrong comparison."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange


class ComparisonOperator(TokenExchange):
    """``<`` where ``<=`` was meant, ``==`` where ``!=`` was."""

    code = "BL201"
    name = "wrong-comparison-operator"
    summary = "A comparison uses the wrong one of `<`, `<=`, `>`, `>=`, `==`, `!=`."
    why = "Boundary values take the wrong branch, or the test is inverted and every value does."
    looks_at = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual, cst.Equal, cst.NotEqual)
    groups = (("<", "<=", ">", ">=", "==", "!="),)
    examples = (
        Example("while low <= high:\n    low += 1\n", "while low < high:\n    low += 1\n"),
        Example("found = [x for x in xs if x != y]\n", "found = [x for x in xs if x == y]\n"),
    )
