"""The rules as data: what ``buglab rules`` lists and ``--select`` understands, without importing LibCST.

``catalogue.json`` is written from the rule classes by ``python -m buglab.scan.catalogue``; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CannotScan
from .foreign import foreign_rules

if TYPE_CHECKING:
    from ..rewrites.base import Rule

PATH = Path(__file__).with_name("catalogue.json")

FAMILIES = {"BL0": "engine", "BL1": "names", "BL2": "operators", "BL3": "literals", "BL4": "calls", "BL5": "conditions"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as users see it; ``examples`` are (right, wrong) pairs of snippets that differ in one choice."""

    code: str
    name: str
    summary: str
    why: str
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def family(self) -> str:
        return FAMILIES.get(self.code[:3], "other")


NOT_ANALYSED = Entry(
    "BL000",
    "not-analysed",
    "A file could not be analysed, so bugs in it would go unseen.",
    "The file is no valid Python, its encoding is wrong, it cannot be read, or analysing it failed.  It is always reported, "
    "whatever the threshold, unless the rule is ignored.",
)


@cache
def catalogue() -> tuple[Entry, ...]:
    """All rules in order of code, the engine's own first."""
    stored = json.loads(PATH.read_text(encoding="utf-8"))
    own = [Entry(**{**entry, "examples": tuple(map(tuple, entry["examples"]))}) for entry in stored]
    return (NOT_ANALYSED, *own, *_foreign())


def _foreign() -> list[Entry]:
    """The rules of other distributions that can be used; LibCST is imported only if there are any."""
    if not foreign_rules():
        return []
    from ..rewrites.registry import own_rules, rules

    return [_entry(rule) for rule in rules()[len(own_rules()) :]]


@cache
def rule_names() -> dict[str, str]:
    """code -> name"""
    return {entry.code: entry.name for entry in catalogue()}


def chosen_codes(select: Sequence[str], ignore: Sequence[str], extend_select: Sequence[str] = ()) -> frozenset[str]:
    """The codes that ``select`` (empty = all) names and ``ignore`` does not, and those that ``extend_select`` names; raises
    CannotScan for an unknown entry.

    An entry is a code, the beginning of one, the name of a rule, or ``ALL``.  BL000 is left out only by ``ignore``.
    """
    chosen = expand(select, "select") | {NOT_ANALYSED.code} if select else {entry.code for entry in catalogue()}
    return frozenset(chosen - expand(ignore, "ignore") | expand(extend_select, "extend-select"))


def expand(entries: Iterable[str], setting: str) -> set[str]:
    """The codes that the entries of ``setting`` mean."""
    codes: set[str] = set()
    for entry in entries:
        matching = {rule.code for rule in catalogue() if matches(entry, rule.code, rule.name)}
        if not matching:
            raise CannotScan(f"no rule is called {entry!r} (in {setting}){_suggestion(entry)}")
        codes |= matching
    return codes


def matches(entry: str, code: str, name: str) -> bool:
    """Whether ``entry`` means the rule: its code or the beginning of it (two letters at the least), its name, or ``ALL``."""
    upper = entry.upper()
    return upper == "ALL" or entry.lower() == name or (len(upper) > 1 and upper[:2].isalpha() and code.startswith(upper))


def _suggestion(entry: str) -> str:
    from .config import did_you_mean  # reads TOML, which listing the rules needs not

    if entry[:2].upper() == "BL" and entry[2:].isdecimal():
        near = min(catalogue(), key=lambda rule: abs(int(rule.code[2:]) - int(entry[2:5].ljust(3, "0"))))
        return f"; did you mean {near.code!r} ({near.name})?"
    sentence = did_you_mean(entry, [rule.name for rule in catalogue()])
    return sentence if "did you mean" in sentence else "; `buglab rules` lists them"


def _entry(rule: Rule) -> Entry:
    return Entry(rule.code, rule.name, rule.summary, rule.why, tuple((case.right, case.wrong) for case in rule.examples))


def from_classes() -> str:
    """The text of ``catalogue.json`` for the rule classes as they are."""
    from ..rewrites.registry import own_rules

    return json.dumps([asdict(_entry(rule)) for rule in own_rules()], indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(from_classes(), encoding="utf-8")
    print(f"wrote {PATH}")
