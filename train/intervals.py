"""Shares with 95% intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z = 1.959964


@dataclass(frozen=True)
class Share:
    """``hits`` of ``cases``, with the interval in which the true share lies with 95% confidence."""

    hits: int
    cases: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.cases if self.cases else float("nan")

    def __str__(self) -> str:
        return f"{100 * self.value:.1f}% [{100 * self.low:.1f}, {100 * self.high:.1f}]" if self.cases else "-"


def share(hits: NDArray[np.bool_]) -> Share:
    """Wilson's score interval (Wilson 1927) of how often ``hits`` [n] holds."""
    return wilson(int(hits.sum()), len(hits))


def wilson(hits: int, cases: int) -> Share:
    if not cases:
        return Share(0, 0, 0.0, 1.0)
    rate, square = hits / cases, Z * Z
    centre = (rate + square / (2 * cases)) / (1 + square / cases)
    half = Z * np.sqrt(rate * (1 - rate) / cases + square / (4 * cases * cases)) / (1 + square / cases)
    return Share(hits, cases, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def recall_at(
    found: NDArray[np.bool_],
    score: NDArray[np.floating],
    clean: NDArray[np.floating],
    rate: float,
    seed: int = 0,
    draws: int = 500,
) -> Share:
    """Share of bugs solved with a score above which at most ``rate`` of the clean functions alarm.

    ``found``, ``score``: [mutants]; ``clean``: [clean functions] score.  The interval is the wider of Wilson's at this
    threshold and of a bootstrap over both, which includes the uncertainty of the threshold itself.
    """
    limit = _limit(clean, rate)
    hits = int((found & (score > limit)).sum())
    dice = np.random.default_rng(seed)
    shares = np.empty(draws)
    for i in range(draws):
        rows = dice.integers(0, len(score), len(score))
        again = _limit(clean[dice.integers(0, len(clean), len(clean))], rate)
        shares[i] = (found[rows] & (score[rows] > again)).mean()
    low, high = np.quantile(shares, [0.025, 0.975])
    fixed = wilson(hits, len(score))  # resampling says nothing where there is not a single hit, or nothing else
    return Share(hits, len(score), min(float(low), fixed.low), max(float(high), fixed.high))


def _limit(clean: NDArray[np.floating], rate: float) -> float:
    """The score above which at most ``rate`` of the clean functions lie."""
    allowed = min(int(np.floor(len(clean) * rate)), len(clean) - 1)
    return float(np.partition(clean, len(clean) - 1 - allowed)[len(clean) - 1 - allowed])
