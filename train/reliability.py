"""What tells right findings from wrong ones, learned from functions that people repaired beside planted bugs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..data.dataset import Split
from ..detector.reliability import Proposals, Weights, fit
from ..graph.labels import RULES
from ..graph.pack import Budget
from ..graph.schema import NULL
from ..scan.reliability import RISING
from .errors import TrainError
from .evaluate import at_rates, mutants, originals
from .intervals import Share
from .measure import Detect, Judged, judge

PLANTED = 5.0
"""Weight of all planted bugs together beside that of the real ones: these are few, and what both have in common is learned from
those.  Between 1 and 10 it made no difference to bugs of other projects."""

FOLDS = 10


@dataclass
class Learned:
    """Weights, and what they are worth: real bugs, weighed by what was fitted to those of other projects."""

    weights: Weights
    bugs: int
    projects: int
    before: dict[str, Share]
    """false-positive rate (of the repaired functions) -> share of the bugs solved, at a threshold of the detector's score"""
    after: dict[str, Share]
    """at a threshold of the log-odds"""

    def sentence(self) -> str:
        """For the reader of an export, and of its card."""
        figures = ", ".join(
            f"{after} where {100 * float(rate):g}% of the repaired ones alarm (by the detector's score: {self.before[rate]})"
            for rate, after in self.after.items()
            if float(rate) * self.bugs >= 1
        )
        return f"on {self.bugs} real bugs of {self.projects} projects, fitted to the others of them: solved {figures}"


def learn(detect: Detect, fixes: Split, planted: Judged, budget: Budget, device: torch.device) -> Learned:
    """Fit to the real bugs of ``fixes`` and to ``planted`` ones.  Raises TrainError where there are too few to learn from."""
    rows = [row for row in range(len(fixes)) if fixes[row].bug != NULL]
    try:
        judged = judge(detect, [fixes[row] for row in rows], budget, 0, device)
        names = [fixes.provenance(rows[place])[0].name for place in judged.place]
        weights = fitted(judged, np.ones(len(judged), bool), planted)
        mutant, clean = held_out(judged, names, planted)
    except ValueError as error:
        raise TrainError(f"the real fixes cannot teach what makes a finding right: {error}") from error
    rates = [at_rates(judged, *scores) for scores in ((judged.score, judged.clean_score), (mutant, clean))]
    return Learned(weights, len(judged), len(set(names)), *rates)


def fitted(judged: Judged, mine: NDArray[np.bool_], planted: Judged) -> Weights:
    """Fit to the functions ``mine`` of the real bugs ``judged``, before and after their repair, and to all planted ones."""
    parts = [mutants(judged)[mine], originals(judged)[mine], mutants(planted), originals(planted)]
    real, others = 2 * int(mine.sum()), 2 * len(planted)
    weight = np.concatenate([np.ones(real), np.full(others, PLANTED * real / others)])
    return fit(Proposals.joined(parts), weight, len(RULES), RISING)


def held_out(judged: Judged, projects: Sequence[str], planted: Judged) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[functions] log-odds of the best rewrites before and after the repair, by weights fitted to other projects."""
    names = sorted(set(projects))
    if len(names) < 2:
        raise ValueError("they are of a single project")
    fold = np.array([names.index(project) % FOLDS for project in projects])
    mutant, clean = np.zeros(len(judged)), np.zeros(len(judged))
    for this in np.unique(fold):
        weights = fitted(judged, fold != this, planted)
        for found, proposals in ((mutant, mutants(judged)), (clean, originals(judged))):
            found[fold == this] = weights.log_odds(proposals.features, proposals.rules)[fold == this]
    return mutant, clean
