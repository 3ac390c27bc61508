"""Which findings of a file are reported: rules and thresholds, with what is set for some paths only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .catalogue import chosen_codes, expand
from .config import Settings
from .ignore import PathPattern
from .model import Model


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules and thresholds; patterns are as in .gitignore and match a file's path relative to the project's root."""

    codes: frozenset[str]
    threshold: float
    ignored: Mapping[str, frozenset[str]]
    """pattern -> codes not reported below it"""
    thresholds: Mapping[str, float]
    """pattern -> the threshold below it; the last one that matches counts"""

    @classmethod
    def of(cls, settings: Settings, model: Model) -> Policy:
        """Raises CannotScan for an unknown rule or a malformed pattern."""
        given = settings.min_confidence
        for pattern in (*settings.per_file_ignores, *settings.per_file_min_confidence):
            _pattern(pattern)
        return cls(
            chosen_codes(settings.select, settings.ignore, settings.extend_select),
            model.threshold if given is None else given,
            {pattern: frozenset(expand(rules, "per-file-ignores")) for pattern, rules in settings.per_file_ignores.items()},
            dict(settings.per_file_min_confidence),
        )

    def codes_for(self, key: str) -> frozenset[str]:
        """The rules reported in the file ``key``."""
        found = [codes for pattern, codes in self.ignored.items() if _pattern(pattern).match(key)]
        return self.codes.difference(*found)

    def threshold_for(self, key: str) -> float:
        """The confidence from which on findings in the file ``key`` are reported."""
        return [self.threshold, *(value for pattern, value in self.thresholds.items() if _pattern(pattern).match(key))][-1]


@cache
def _pattern(text: str) -> PathPattern:
    return PathPattern(text)
