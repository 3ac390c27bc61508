"""What is looked at now and then while a run trains: figures of held-back functions, and pictures of the game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..data.dataset import Split
from ..graph.labels import RULES
from ..graph.pack import Budget
from ..graph.schema import CodeGraph
from ..models.batch import Batch
from ..selector.learned import learned_log_p
from . import curves, plots
from .config import TrainConfig
from .evaluate import evaluate
from .hardest import hardest
from .measure import Detect, averaged, figures, judge, packed_in_order, sample_rows
from .step import Game
from .tracking import Tracker

BEST = "valid/recall_at_fpr_1"
"""The figure that chooses the best checkpoint."""

REPORT = "report"
"""Folder of the pictures, in the run's folder and among its artifacts."""

FEW = 256
"""Functions on which the selector's choices are looked at."""


@dataclass
class Validation:
    """Call it for the figures; with a tracker that records, it leaves pictures and the hardest mutants there."""

    game: Game
    split: Split
    config: TrainConfig
    folder: Path
    """of the run"""
    tracker: Tracker

    def __post_init__(self) -> None:
        self.rows = sample_rows(self.split, self.config.valid_functions, seed=1)
        self.graphs = [self.split[row] for row in self.rows]

    def __call__(self) -> dict[str, float]:
        if not self.graphs:
            return {}
        detect = averaged(self.game.detector, self.game.average)
        judged = judge(detect, self.graphs, self.config.budget, 1, self.game.device)
        if self.tracker.where:
            report = self.folder / REPORT
            report.mkdir(exist_ok=True)
            evaluation = evaluate(judged, RULES)
            evaluation.reliability = plots.raw_reliability(judged)
            plots.draw(evaluation, judged, 0.01, report)
            curves.game_value(self.folder, report / "game.png")
            curves.choices(RULES, *choices(self.game, detect, self.graphs[:FEW], self.config.budget), report / "choices.png")
            found = hardest(detect, self.split, self.rows[:FEW], self.config, self.game.device)
            (report / "hardest.txt").write_text(found, encoding="utf-8")
            self.tracker.artifact(report, f"{REPORT}/step-{self.game.steps:08d}")
        return figures(judged)


@torch.inference_mode()
def choices(
    game: Game, detect: Detect, graphs: Sequence[CodeGraph], budget: Budget
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[rules] share of the bugs that the selector would plant in ``graphs``, and that the others would come from."""
    by_selector, at_random = np.zeros(len(RULES)), np.zeros(len(RULES))
    for packed, _ in packed_in_order(graphs, budget):
        batch = Batch.of(packed, game.device)
        rule = batch.site_rule.index_select(0, batch.option_site).cpu().numpy()
        prior = game.prior(batch)
        chosen = prior
        if game.selector is not None:
            chosen = learned_log_p(batch, prior, game.selector(batch, prior, detect(batch)), game.config.leash)
        for log_p, sums in ((chosen, by_selector), (prior, at_random)):
            sums += np.bincount(rule, log_p.float().exp().cpu().numpy(), minlength=len(RULES))
    return by_selector / max(by_selector.sum(), 1e-9), at_random / max(at_random.sum(), 1e-9)
