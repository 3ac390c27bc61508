"""``buglab export``: measure and calibrate a trained detector, and write it for the scanner."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ..rewrites.registry import rules
from ..scan.runtime import EMBEDDED
from . import evaluate_main
from .card import card
from .config import EvaluateConfig, ExportConfig, Measuring, typed
from .corpora import Corpora
from .entry import main as entry
from .evaluate import flat
from .evaluate_main import Outcome
from .export import Export, write
from .lineage import sittings
from .measure import sample
from .progress import Progress
from .registry import log_model
from .tracking import open_tracker
from .trained import averaged


def main(arguments: Sequence[str]) -> int:
    return entry("export", arguments, task)


def task(composed: DictConfig) -> None:
    run(typed(composed, ExportConfig), Path(HydraConfig.get().runtime.output_dir), Progress())


def run(config: ExportConfig, folder: Path, progress: Progress) -> Path:
    """Export as configured; returns the folder of the model."""
    trained = averaged(config.checkpoint, config.weights, config.averaged_with)
    alike = {each.name: getattr(config, each.name) for each in fields(Measuring)}
    evaluation = EvaluateConfig(checkpoint=str(trained.path), **alike)
    outcome = evaluate_main.run(evaluation, folder, progress)
    trained.network.cpu()
    name = config.model or f"{trained.config.name}-{trained.state.step}"
    history = sittings(trained.config, trained.state, trained.others)
    export = Export(
        name, trained.config.network, outcome.calibration, outcome.threshold, _metrics(outcome), history, _meaning(outcome)
    )
    corpora = (
        Corpora.named(config.corpora) if config.corpora else Corpora.open(trained.config.corpus, trained.config.more_corpora)
    )
    graphs = sample(corpora.split("test"), config.parity_functions, config.seed + 2)
    command = f"buglab evaluate checkpoint=RUN split=test functions={config.functions} kinds={config.kinds} seed={config.seed}"
    names = {rule.code: rule.name for rule in rules()}
    output = EMBEDDED if config.embed else Path(config.output).expanduser() if config.output else folder / "model"
    parity = write(trained.network, export, graphs, lambda parity: card(name, history, outcome, parity, command, names), output)
    progress.say(
        f"exported model {name}: {output}\n"
        f"parity with torch on {parity.functions} functions: {parity.largest_difference:.2g}; "
        f"fp16 changes {parity.verdicts_changed} verdicts"
    )
    tracker = open_tracker(config.tracking, folder.name, trained.state.tracking_run, folder, progress)
    tracker.artifact(output, "model")
    log_model(tracker, output, config.tracking.register, progress)
    tracker.close()
    return output


def _metrics(outcome: Outcome) -> dict[str, Any]:
    """The figures that the description of the model carries."""
    figures = {name: round(value, 5) for name, value in flat(outcome.evaluation, "test").items() if value == value}
    return figures | {
        "functions": outcome.evaluation.overall.joint.cases,
        "calibration_clean_functions": outcome.threshold.clean_functions,
    }


def _meaning(outcome: Outcome) -> dict[str, Any]:
    """What a confidence means, for the scanner's explanations and the page on precision."""
    return {
        "split": outcome.split,
        "functions": outcome.evaluation.overall.joint.cases,
        "prior": outcome.calibration.prior,
        "classes": outcome.evaluation.classes,
        "choices": outcome.evaluation.choices,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
