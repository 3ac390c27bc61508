"""What tells right proposals from wrong ones: a logistic model of a few numbers about each, with an intercept per rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .logistic import Floats, logistic

RIDGE = 3.0
"""Weight of half the squared weights, for numbers of unit variance, beside the log-likelihood: a sum over proposals."""


@dataclass(frozen=True)
class Weights:
    """log-odds = features @ numbers + rules[rule]."""

    numbers: Floats
    """[numbers]"""
    rules: Floats
    """[rules]"""

    def log_odds(self, features: NDArray[np.floating], rules: NDArray[np.integer]) -> Floats:
        """[n] that each proposal is right, from features [n, numbers] and rules [n]."""
        return np.asarray(features @ self.numbers + self.rules[rules], np.float64)

    def bent(self, slope: float, intercept: float) -> Weights:
        """``slope`` times the log-odds plus ``intercept``."""
        return Weights(slope * self.numbers, slope * self.rules + intercept)

    def rounded(self) -> Weights:
        """As a table shows them."""
        return Weights(self.numbers.round(5), self.rules.round(5))


@dataclass(frozen=True)
class Proposals:
    """The best rewrites of functions, one row each."""

    features: NDArray[np.floating]
    """[n, numbers]"""
    rules: NDArray[np.integer]
    """[n]"""
    right: NDArray[np.bool_]
    """[n]"""

    def __getitem__(self, rows: NDArray[np.bool_]) -> Proposals:
        return Proposals(self.features[rows], self.rules[rows], self.right[rows])

    @classmethod
    def joined(cls, parts: Sequence[Proposals]) -> Proposals:
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.rules for part in parts]),
            np.concatenate([part.right for part in parts]),
        )


def fit(proposals: Proposals, weight: Floats, rules: int, rising: int) -> Weights:
    """The weights under which what was right is most likely, ridge included; ``weight``: [n] of each proposal.

    The first ``rising`` numbers get no negative weight: where one would be, it gets none.  ``rules`` is how many there are.
    Raises ValueError where nothing was right, or nothing wrong.
    """
    right = proposals.right
    if right.all() or not right.any():
        raise ValueError(f"of {len(right)} proposals {int(right.sum())} are right: there must be right ones and wrong ones")
    numbers = proposals.features.shape[1]
    mean = np.average(proposals.features, axis=0, weights=weight)
    spread = np.sqrt(np.average((proposals.features - mean) ** 2, axis=0, weights=weight))
    spread = np.where(spread > 1e-9, spread, 1.0)
    inputs = np.concatenate(
        [(proposals.features - mean) / spread, np.eye(rules)[proposals.rules], np.ones((len(right), 1))], axis=1
    )
    ridge = np.append(np.full(numbers + rules, RIDGE), 1e-6)
    used = np.ones(numbers + rules + 1, bool)
    while True:
        line = np.zeros(len(used))
        line[used] = logistic(inputs[:, used], right.astype(np.float64), weight, ridge[used], np.zeros(int(used.sum())))
        if line[:rising].min(initial=0.0) >= 0:
            break
        used[int(line[:rising].argmin())] = False
    slopes = line[:numbers] / spread
    return Weights(slopes, line[numbers:-1] + line[-1] - float(slopes @ mean))
