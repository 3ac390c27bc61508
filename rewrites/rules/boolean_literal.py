"""BL302: ``True`` for ``False``."""

from collections.abc import Iterator

import libcst as cst

from ..base import Edit, Example, Option, Relabel, Rule, Site
from ..unit import Unit

VALUES = ("False", "True")


class BooleanLiteral(Rule):
    """``True`` where ``False`` was meant."""

    code = "BL302"
    name = "wrong-boolean-literal"
    summary = "`True` stands where `False` was meant, or the other way round."
    why = "A flag starts set, a function reports success on failure, an option is on that should be off."
    looks_at = (cst.Name,)
    examples = (Example("found = False\n", "found = True\n"), Example("f(x, strict=True)\n", "f(x, strict=False)\n"))

    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        written = unit.label[node]
        if written not in VALUES or unit.role[node] == "pattern" or unit.parenthesised(node):
            return
        start, end = unit.starts[node], unit.ends[node]
        options = tuple(
            Option(value, Relabel(value), None if value == written else Edit(start, end, value)) for value in VALUES
        )
        yield Site(self, node, options, VALUES.index(written))
