"""BL205: identity the wrong way round."""

import libcst as cst

from ..base import Example
from ..exchange import TokenExchange


class IdentityOperator(TokenExchange):
    """``is`` where ``is not`` was meant."""

    code = "BL205"
    name = "wrong-identity-test"
    summary = "An identity test is inverted: `is` for `is not` or the other way round."
    why = "The branch for a missing value runs exactly when the value is there."
    looks_at = (cst.Is, cst.IsNot)
    groups = (("is", "is not"),)
    examples = (Example("if x is not None:\n    x.close()\n", "if x is None:\n    x.close()\n"),)
