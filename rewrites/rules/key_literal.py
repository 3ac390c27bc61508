"""BL303: the wrong key."""

from collections.abc import Iterable

import libcst as cst

from ..base import Example, Rule, Site, relabels
from ..unit import Unit

MANY = 8
"""Keys that are offered in one place, by order of first use."""


class KeyLiteral(Rule):
    """``row["width"]`` where ``row["height"]`` was meant.

    Candidates are the strings that earlier statements use as an index, compare, have as keys of dictionaries or pass to
    methods.
    """

    code = "BL303"
    name = "wrong-key"
    summary = "A string names another key, option or state than the one that was meant."
    why = "The entry of a neighbouring key is read or overwritten, or a state is tested that was tested before."
    looks_at = (cst.SimpleString,)
    examples = (
        Example(
            'def area(row):\n    w = row["width"]\n    h = row["height"]\n    return row["width"] * row["height"]\n',
            'def area(row):\n    w = row["width"]\n    h = row["height"]\n    return row["width"] * row["width"]\n',
        ),
    )

    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        used = unit.earlier.used.get(node)
        if used is None:
            return ()
        keys = used.group(MANY)
        if len(keys) < 2:
            return ()
        place = unit.starts[node], unit.ends[node]
        quote = unit.head(place[0])
        contents, chosen = [f"{quote}{key}{quote}" for key in keys], keys.index(unit.text[node])
        return (Site.exchange(self, node, place, contents, relabels("String", tuple(keys)), chosen),)

    def message(self, written: str, proposed: str) -> str:
        return f"{written} is probably the wrong key here; {proposed} fits better"
