"""What the project's own tests say to a repair."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a run of the tests with the repair means for the finding."""

    CONFIRMED = "confirmed"
    """a test that failed passes now, and none that passed fails"""
    NEUTRAL = "neutral"
    """no test tells the difference"""
    REFUTED = "refuted"
    """a test that passed fails now"""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one repair, with a sentence that says why."""

    verdict: Verdict
    reason: str
    fixed: tuple[str, ...] = ()
    """tests that fail without and pass with the repair"""
    broken: tuple[str, ...] = ()
    """tests that pass without and fail with the repair"""
    group: int = 0
    """repairs with the same number changed the same tests in the same way; from 1"""
