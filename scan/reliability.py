"""How far a finding can be trusted, from a few numbers about what the detector said: a logistic model that can be read.

The detector learned from planted bugs.  What tells its right proposals from its wrong ones in functions that people repaired is
mostly the same, but not quite; the weights are fitted to both when a model is exported (``detector/reliability.py``), and stand
as a table in its ``model.json``.  What the numbers are is said in ``scan/features.py``.  Nothing here needs numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NUMBERS = (
    "log-odds against NO_BUG",
    "lead over the best rewrite elsewhere",
    "log share of its site",
    "entropy of the sites",
    "words in common",
)
"""What is known of a rewrite, in the order of the weights."""

RISING = 3
"""The first so many numbers rise with what the detector gives the rewrite: their weights are never negative."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """log-odds that a rewrite is right = the sum of ``numbers`` times what is known of it + what its rule has in ``rules``."""

    numbers: tuple[float, ...]
    """as NUMBERS"""
    rules: Mapping[str, float]
    """by code"""

    @classmethod
    def of(cls, table: Mapping[str, Any], codes: list[str]) -> Reliability:
        """From ``reliability`` of ``model.json``, for a model that knows the rules ``codes``.

        Raises KeyError, TypeError or ValueError where it is malformed.
        """
        if set(table["numbers"]) != set(NUMBERS):
            raise ValueError(f"the numbers of the reliability are not {', '.join(NUMBERS)}")
        if missing := set(codes) - set(table["rules"]):
            raise ValueError(f"the reliability lacks {', '.join(sorted(missing))}")
        numbers = tuple(float(table["numbers"][name]) for name in NUMBERS)
        rules = {code: float(table["rules"][code]) for code in codes}
        if not all(map(math.isfinite, (*numbers, *rules.values()))):
            raise ValueError("a weight of the reliability is no finite number")
        if min(numbers[:RISING]) < 0:
            raise ValueError("a rewrite would be less reliable for being more probable")
        return cls(numbers, rules)

    def plain(self) -> dict[str, dict[str, float]]:
        """As ``of`` reads it."""
        return {"numbers": dict(zip(NUMBERS, self.numbers, strict=True)), "rules": dict(self.rules)}
