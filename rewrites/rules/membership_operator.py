"""BL206: membership the wrong way round."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange


class MembershipOperator(TokenExchange):
    """``in`` where ``not in`` was meant."""

    code = "BL206"
    name = "wrong-membership-test"
    summary = "A membership test is inverted: `in` for `not in` or the other way round."
    why = "Known keys are added again and unknown ones looked up."
    looks_at = (cst.In, cst.NotIn)
    groups = (("in", "not in"),)
    examples = (Example("if key not in cache:\n    cache[key] = 1\n", "if key in cache:\n    cache[key] = 1\n"),)

    def message(self, written: str, proposed: str) -> str:
        return f"this membership test is probably inverted; `{proposed}` fits better than `{written}`"
