"""From judgements on held-back functions to figures with intervals, overall and per rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ..detector.calibrate import Calibration, Threshold, choices, classes, fit, reliability, threshold
from ..detector.reliability import Proposals, Weights
from .intervals import Share, recall_at, share
from .measure import Judged

RATES = (0.15, 0.05, 0.01, 0.001, 0.0005)
"""False-positive rates at which recall is reported; the last is the headline."""


@dataclass
class Row:
    """Figures of the mutants of one rule, or of all."""

    localization: Share
    """the best rewrite beats NO_BUG and is at the bug's site"""
    repair: Share
    """the best option at the bug's site is the original, whether or not the site was found"""
    joint: Share
    """the best rewrite beats NO_BUG and is the original"""
    best: Share
    """the best rewrite is the original, NO_BUG left out"""


@dataclass
class Evaluation:
    """What ``metrics.json`` holds."""

    overall: Row
    rules: dict[str, Row]
    false_alarms: Share
    """clean functions whose best rewrite beats NO_BUG"""
    false_alarms_by_rule: dict[str, int]
    recall: dict[str, Share]
    """false-positive rate -> share of bugs solved at the threshold of the detector's own score that keeps it"""
    sure: dict[str, Share] = field(default_factory=dict)
    """the same at a threshold of the confidence, which is what a scan has"""
    at_threshold: dict[str, Any] = field(default_factory=dict)
    reliability: list[Any] = field(default_factory=list)
    classes: list[Any] = field(default_factory=list)
    """what a confidence means, by class"""
    choices: list[Any] = field(default_factory=list)
    """what a threshold does"""


def evaluate(judged: Judged, codes: Sequence[str]) -> Evaluation:
    """All figures that need no calibration.  ``codes``: the schema's rules."""
    rules = {code: _row(judged, judged.rule == number) for number, code in enumerate(codes) if (judged.rule == number).any()}
    alarm = judged.clean_score > 0
    return Evaluation(
        overall=_row(judged, np.ones(len(judged), bool)),
        rules=rules,
        false_alarms=share(alarm),
        false_alarms_by_rule={
            code: int((alarm & (judged.clean_rule == number)).sum())
            for number, code in enumerate(codes)
            if (alarm & (judged.clean_rule == number)).any()
        },
        recall=at_rates(judged, judged.score, judged.clean_score),
    )


def _row(judged: Judged, mine: np.ndarray) -> Row:
    alarm = judged.score[mine] > 0
    return Row(
        localization=share(alarm & judged.placed[mine]),
        repair=share(judged.repaired[mine]),
        joint=share(alarm & judged.solved[mine]),
        best=share(judged.solved[mine]),
    )


def mutants(judged: Judged) -> Proposals:
    """The best rewrites of the functions with a bug."""
    return Proposals(judged.features, judged.top_rule, judged.solved)


def originals(judged: Judged) -> Proposals:
    """The best rewrites of the functions as they are: none is right."""
    return Proposals(judged.clean_features, judged.clean_rule, np.zeros(len(judged), bool))


def calibrate(
    judged: Judged, codes: Sequence[str], prior: float, wanted: float, weights: Weights | None = None
) -> tuple[Calibration, Threshold]:
    """Fit on held-back functions the probabilities, and the threshold at which ``wanted`` of the clean ones alarm."""
    both = Proposals.joined([mutants(judged), originals(judged)])
    calibration = fit(codes, both, np.arange(2 * len(judged)) < len(judged), prior, weights)
    return calibration, threshold(confidences(calibration, codes, judged)[1], wanted)


def confidences(
    calibration: Calibration, codes: Sequence[str], judged: Judged
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[functions] of the best rewrites of the mutants, and of the functions as they are."""
    mutant, clean = mutants(judged), originals(judged)
    return (
        calibration.confidence(codes, mutant.rules, mutant.features),
        calibration.confidence(codes, clean.rules, clean.features),
    )


def at_rates(judged: Judged, mutant: NDArray[np.floating], clean: NDArray[np.floating]) -> dict[str, Share]:
    """false-positive rate -> share solved, by confidences or log-odds of mutants and of clean functions."""
    return {f"{rate:g}": recall_at(judged.solved, mutant, clean, rate) for rate in RATES}


def use(evaluation: Evaluation, judged: Judged, codes: Sequence[str], calibration: Calibration, least: Threshold) -> None:
    """Add what a calibration made on other functions does on these."""
    mutant, clean = confidences(calibration, codes, judged)
    weight = np.concatenate([np.full(len(mutant), calibration.prior), np.full(len(clean), 1 - calibration.prior)])
    right = np.concatenate([judged.solved, np.zeros(len(clean), bool)])
    both, is_clean = np.concatenate([mutant, clean]), np.concatenate([np.zeros(len(mutant), bool), np.ones(len(clean), bool)])
    evaluation.sure = at_rates(judged, mutant, clean)
    evaluation.reliability = list(reliability(both, right, weight))
    evaluation.classes = classes(both, right, is_clean, calibration.prior)
    evaluation.choices = choices(both, right, is_clean)
    evaluation.at_threshold = {
        "threshold": asdict(least),
        "prior": calibration.prior,
        "joint": asdict(share(judged.solved & (mutant >= least.confidence))),
        "false_alarms": asdict(share(clean >= least.confidence)),
    }


RANDOM = "random single bugs in held-back functions"


def table(
    evaluation: Evaluation, floor: Evaluation | None, names: dict[str, str], console: Console, title: str = RANDOM
) -> None:
    """Print the figures, with those of the same network before training as the floor."""
    if not console.is_terminal:
        console.width = 120
    rows = Table(title=f"{title}, 95% intervals", title_justify="left")
    rows.add_column("rule", no_wrap=True)
    for heading in ("functions", "localization", "repair, place given", "joint"):
        rows.add_column(heading, justify="right", no_wrap=True)

    def add(name: str, row: Row) -> None:
        rows.add_row(name, str(row.joint.cases), str(row.localization), str(row.repair), str(row.joint))

    for code, row in evaluation.rules.items():
        add(f"{code} {names.get(code, '')}".strip(), row)
    rows.add_section()
    add("all", evaluation.overall)
    if floor:
        add("all, untrained network", floor.overall)
    console.print(rows)
    untrained = f"  (untrained {floor.false_alarms})" if floor else ""
    console.print(
        f"clean functions with an alarm at argmax: {evaluation.false_alarms} of {evaluation.false_alarms.cases}{untrained}"
    )
    for rate, recall in evaluation.recall.items():
        untrained = f"  (untrained {floor.recall[rate]})" if floor else ""
        sure = f"; by confidence {evaluation.sure[rate]}" if evaluation.sure else ""
        console.print(
            f"bugs solved at a false-positive rate of {100 * float(rate):g}%: {recall} of {recall.cases}{sure}{untrained}"
        )
    if evaluation.at_threshold:
        used, least = evaluation.at_threshold, evaluation.at_threshold["threshold"]
        joint, alarms = Share(**used["joint"]), Share(**used["false_alarms"])
        console.print(
            f"at the default threshold {least['confidence']:.4f} (set on {least['clean_functions']} other clean functions, "
            f"{least['alarms']} alarms): solved {joint}, false alarms {alarms} of {alarms.cases}"
        )


def plain(evaluation: Evaluation) -> dict[str, Any]:
    """As JSON."""
    return asdict(evaluation)


def flat(evaluation: Evaluation, prefix: str) -> dict[str, float]:
    """As metrics for MLflow."""
    result = {
        f"{prefix}/{name}": getattr(evaluation.overall, name).value for name in ("localization", "repair", "joint", "best")
    }
    result[f"{prefix}/false_alarms"] = evaluation.false_alarms.value
    result |= {f"{prefix}/recall_at_fpr_{100 * float(rate):g}": recall.value for rate, recall in evaluation.recall.items()}
    result |= {f"{prefix}/sure_at_fpr_{100 * float(rate):g}": sure.value for rate, sure in evaluation.sure.items()}
    result |= {f"{prefix}/joint_{code}": row.joint.value for code, row in evaluation.rules.items()}
    return result
