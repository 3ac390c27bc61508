"""``buglab evaluate``: judge held-back functions of projects that were never trained on, or real fixes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from rich.console import Console

from ..detector.calibrate import Calibration, Threshold
from ..graph.labels import RULES
from ..graph.pack import Budget
from ..models.network import Network
from ..rewrites.registry import rules
from .config import EvaluateConfig, typed
from .corpora import Corpora
from .device import choose
from .entry import main as entry
from .errors import TrainError
from .evaluate import Evaluation, calibrate, evaluate, flat, plain, table, use
from .fixes import run_on_fixes
from .measure import Judged, judge, sample
from .plots import draw
from .prior import KINDS
from .progress import Progress
from .reliability import Learned, learn
from .tracking import open_tracker
from .trained import Trained, averaged, untrained


def main(arguments: Sequence[str]) -> int:
    return entry("evaluate", arguments, task)


def task(composed: DictConfig) -> None:
    config, folder = typed(composed, EvaluateConfig), Path(HydraConfig.get().runtime.output_dir)
    if config.clones:
        run_on_fixes(config, folder, Progress())
    else:
        run(config, folder, Progress())


@dataclass
class Outcome:
    """What export and the model card build on."""

    evaluation: Evaluation
    floor: Evaluation | None
    calibration: Calibration
    threshold: Threshold
    learned: Learned | None
    """what the weights of the calibration were learned from; None where the score alone tells"""
    split: str
    kinds: str
    """of the planted bugs"""
    seconds: float


@dataclass
class Planting:
    """How functions are judged."""

    budget: Budget
    kinds: str
    device: torch.device


def run(config: EvaluateConfig, folder: Path, progress: Progress) -> Outcome:
    """Evaluate as configured, write figures and pictures into ``folder`` and into MLflow, print the table."""
    began = time.monotonic()
    nothing = config.checkpoint == "none"
    trained = averaged(config.like if nothing else config.checkpoint, config.weights, config.averaged_with)
    network = untrained(trained.config.network) if nothing else trained.network
    corpora = (
        Corpora.open(trained.config.corpus, trained.config.more_corpora)
        if not config.corpora
        else Corpora.named(config.corpora)
    )
    device = choose(config.device).device
    progress.say(f"evaluating {'an untrained network' if nothing else trained.path} on {', '.join(map(str, corpora.folders))}")
    if config.kinds not in KINDS:
        raise TrainError(f"there are no bugs of the kinds {config.kinds!r}; choose from {', '.join(KINDS)}")
    planted = Planting(trained.config.budget, config.kinds, device)
    measured = _judged(network, planted, corpora, config.split, config.functions, config.seed)
    others = Corpora.named([*map(str, corpora.folders), *config.calibration_corpora])
    other = _judged(network, planted, others, config.calibration_split, config.calibration_functions, config.seed + 1)
    learned = None
    if config.fixes:
        learned = learn(network, Corpora.named(config.fixes).split("train"), other, planted.budget, device)
        progress.say(f"reliability, {learned.sentence()}")
    weights = learned.weights if learned else None
    calibration, least = calibrate(other, RULES, config.prior, config.alarms_per_function, weights)
    evaluation = evaluate(measured, RULES)
    use(evaluation, measured, RULES, calibration, least)
    floor = None
    if config.floor and not nothing:
        below = _judged(untrained(trained.config.network), planted, corpora, config.split, config.functions, config.seed)
        floor = evaluate(below, RULES)
    seconds = time.monotonic() - began
    outcome = Outcome(evaluation, floor, calibration, least, learned, config.split, config.kinds, seconds)
    _write(outcome, measured, trained, config, folder, progress)
    return outcome


def _judged(network: Network, planted: Planting, corpora: Corpora, split: str, count: int, seed: int) -> Judged:
    functions = sample(corpora.split(split), count, seed)
    if not functions:
        raise TrainError(
            f"the split {split!r} of {', '.join(map(str, corpora.folders))} is empty: choose another one or another corpus"
        )
    return judge(network.to(planted.device).eval(), functions, planted.budget, seed, planted.device, planted.kinds)


def _write(
    outcome: Outcome, judged: Judged, trained: Trained, config: EvaluateConfig, folder: Path, progress: Progress
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    metrics: dict[str, Any] = {
        "checkpoint": str(trained.path) if config.checkpoint != "none" else "none",
        "step": trained.state.step if config.checkpoint != "none" else 0,
        "split": config.split,
        "functions": len(judged),
        "seconds": round(outcome.seconds, 1),
        "evaluation": plain(outcome.evaluation),
        "untrained": plain(outcome.floor) if outcome.floor else None,
    }
    path = folder / "metrics.json"
    path.write_text(json.dumps(metrics, indent=1) + "\n")
    table(outcome.evaluation, outcome.floor, {rule.code: rule.name for rule in rules()}, Console())
    pictures = draw(outcome.evaluation, judged, outcome.calibration.prior, folder)
    run_id = trained.state.tracking_run if config.checkpoint != "none" else ""
    tracker = open_tracker(config.tracking, folder.name, run_id, folder, progress)
    tracker.log({k: v for k, v in flat(outcome.evaluation, config.split).items() if np.isfinite(v)}, trained.state.step)
    for artifact in (path, *pictures):
        tracker.artifact(artifact, "evaluation")
    tracker.close()
    progress.say(f"figures and pictures: {folder}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
