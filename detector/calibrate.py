"""From scores to probabilities, and the threshold below which nothing is reported.

A score is log p(rewrite) - log p(NO_BUG) of a function's best rewrite, and has one logistic curve per rule; or else it is the
log-odds that ``reliability`` makes of some more numbers, and has one curve for all rules, for they are weighed already.  Half
of the functions it is fitted on carry a bug, real code hardly any, so clean functions are weighted until bugs have the
``prior`` that is expected in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .logistic import Floats, logistic, sigmoid
from .reliability import Proposals, Weights

DEFAULT_PRIOR = 0.01
"""Share of functions with a bug that a rule covers: of the order of what reviews of young code find; settled code has fewer."""

RIDGE = 5.0
"""Pull of the curve of all rules on the curve of one: with few examples a rule has nearly the common curve."""

LEAST_SLOPE = 0.02
"""A higher score is never less probable."""


@dataclass(frozen=True)
class Calibration:
    """confidence = sigmoid(slope * score + intercept) of the candidate's rule; with ``weights``, sigmoid of their log-odds."""

    families: dict[str, tuple[float, float]]
    """rule code -> slope, intercept; empty with ``weights``"""
    prior: float
    weights: Weights | None = None

    def confidence(self, codes: Sequence[str], rules: NDArray[np.integer], features: NDArray[np.floating]) -> Floats:
        """[n] probability that each candidate is a real bug, rightly repaired.

        ``codes``: all rules; ``rules``: [n] of them; ``features``: [n, numbers], the score first.
        """
        if self.weights is not None:
            return sigmoid(self.weights.log_odds(features, rules))
        lines = np.array([self.families.get(code, (1.0, 0.0)) for code in codes], np.float64).reshape(-1, 2)[rules]
        return sigmoid(lines[:, 0] * features[:, 0] + lines[:, 1])


@dataclass(frozen=True)
class Threshold:
    """The least confidence that is reported, and what it rests on."""

    confidence: float
    clean_functions: int
    """held-back functions without a planted bug"""
    alarms: int
    """of them at or above the threshold"""
    wanted: float
    """share of clean functions that may alarm"""


def fit(
    codes: Sequence[str],
    proposals: Proposals,
    mutant: NDArray[np.bool_],
    prior: float = DEFAULT_PRIOR,
    weights: Weights | None = None,
) -> Calibration:
    """Fit on the best candidates of held-back functions: a curve per rule of ``codes``, or with ``weights`` one for all.

    ``mutant``: [n] the function carries a planted bug.  Raises ValueError without mutants or without clean functions.
    """
    mutants, clean = int(mutant.sum()), int((~mutant).sum())
    if not mutants or not clean:
        raise ValueError(f"calibration needs functions with and without bugs; there are {mutants} and {clean}")
    if not 0 < prior < 1:
        raise ValueError(f"the prior is {prior}; it must lie between 0 and 1")
    weight = np.where(mutant, 1.0, mutants * (1 - prior) / (clean * prior))
    label = proposals.right.astype(np.float64)
    score = (
        weights.log_odds(proposals.features, proposals.rules)
        if weights is not None
        else proposals.features[:, 0].astype(np.float64)
    )
    common = curve(score, label, weight, np.array([1.0, np.log(prior / (1 - prior))]), ridge=1e-3)
    if weights is not None:
        return Calibration({}, prior, weights.bent(max(float(common[0]), LEAST_SLOPE), float(common[1])).rounded())
    families: dict[str, tuple[float, float]] = {}
    for number, code in enumerate(codes):
        mine = proposals.rules == number
        line = curve(score[mine], label[mine], weight[mine], common, RIDGE) if mine.any() else common
        families[code] = (round(float(max(line[0], LEAST_SLOPE)), 5), round(float(line[1]), 5))
    return Calibration(families, prior)


def curve(score: Floats, label: Floats, weight: Floats, start: Floats, ridge: float) -> Floats:
    """[2] slope and intercept that make ``label`` [n] most likely from ``score`` [n], held near ``start`` by ``ridge``."""
    return logistic(np.stack([score, np.ones_like(score)], axis=1), label, weight, np.full(2, ridge), start)


def threshold(confidence: Floats, wanted: float) -> Threshold:
    """The least confidence at which at most the share ``wanted`` of clean functions [n] alarms.

    With fewer than 1 / wanted functions no alarm is allowed at all; the result says on how many it rests.
    """
    allowed = int(np.floor(len(confidence) * wanted))
    descending = np.sort(confidence)[::-1]
    if allowed >= len(descending):
        return Threshold(0.0, len(confidence), len(confidence), wanted)
    least = min(1.0, float(np.ceil(descending[allowed] * 1e4 + 1e-9) / 1e4))  # above the first that must not alarm, four digits
    if least <= descending[allowed]:
        least = float(np.nextafter(descending[allowed], 1.0))
    return Threshold(least, len(confidence), int((confidence >= least).sum()), wanted)


def reliability(confidence: Floats, right: NDArray[np.bool_], weight: Floats, bins: int = 10) -> list[Mapping[str, float]]:
    """Mean confidence and weighted share of right candidates in bins of equal width; empty bins are left out."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    rows: list[Mapping[str, float]] = []
    for number in range(bins):
        mine = which == number
        total = weight[mine].sum()
        if total:
            rows.append(
                {
                    "confidence": float((confidence[mine] * weight[mine]).sum() / total),
                    "right": float((right[mine] * weight[mine]).sum() / total),
                    "functions": int(mine.sum()),
                }
            )
    return rows


LEAST_CLEAN = 5
"""Clean functions a class of confidence must hold: with fewer, the share of right findings in it is a guess."""

STEP = 0.05


def classes(confidence: Floats, right: NDArray[np.bool_], clean: NDArray[np.bool_], prior: float) -> list[dict[str, float]]:
    """How many findings of 100 are right in each class of confidence, if the share ``prior`` of functions has a bug.

    Classes are as narrow as the data allow: from the top, multiples of STEP until LEAST_CLEAN clean functions are inside.
    """
    found: list[dict[str, float]] = []
    upper = steps = round(1 / STEP)
    weight = np.where(clean, (1 - prior) / max(clean.sum(), 1), prior / max((~clean).sum(), 1))
    which = np.minimum((confidence * steps + 1e-9).astype(int), steps - 1)
    for lower in range(steps - 1, -1, -1):
        mine = (which >= lower) & (which < upper)
        if lower and (mine & clean).sum() < LEAST_CLEAN:
            continue
        if mine.any():
            share = float((right * weight)[mine].sum() / weight[mine].sum())
            found.append(
                {
                    "from": round(lower * STEP, 4),
                    "to": round(upper * STEP, 4),
                    "right": round(share, 4),
                    "functions": int(mine.sum()),
                    "clean": int((mine & clean).sum()),
                }
            )
        upper = lower
    return found


def choices(confidence: Floats, right: NDArray[np.bool_], clean: NDArray[np.bool_]) -> list[dict[str, float]]:
    """What each threshold one might choose does: bugs found and rightly repaired, clean functions that alarm."""
    return [
        {
            "confidence": least,
            "bugs": int((~clean).sum()),
            "solved": int((right & (confidence >= least)).sum()),
            "clean": int(clean.sum()),
            "alarms": int((clean & (confidence >= least)).sum()),
        }
        for least in (0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
    ]
