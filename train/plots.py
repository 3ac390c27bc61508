"""Pictures of an evaluation, as PNG files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..detector.calibrate import reliability
from .evaluate import Evaluation
from .measure import Judged


def draw(evaluation: Evaluation, judged: Judged, prior: float, folder: Path) -> list[Path]:
    """Write the precision-recall and the calibration plot into ``folder``; returns their paths."""
    import matplotlib as mpl

    mpl.use("Agg")
    paths = [_precision_recall(judged, prior, folder / "precision_recall.png")]
    if evaluation.reliability:
        paths.append(_calibration(evaluation, folder / "calibration.png"))
    return paths


def raw_reliability(judged: Judged) -> list[Any]:
    """Rows of a calibration plot for the detector's own probabilities, before any calibration, bugs as frequent as none."""
    score = np.concatenate([judged.score, judged.clean_score]).astype(np.float64)
    right = np.concatenate([judged.solved, np.zeros(len(judged), bool)])
    return list(reliability(1 / (1 + np.exp(-np.clip(score, -50, 50))), right, np.ones(len(score))))


def precision_recall(judged: Judged, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall at every score, for bugs as frequent as ``prior``, wrong repairs counted as alarms: [n], [n]."""
    score = np.concatenate([judged.score, judged.clean_score])
    right = np.concatenate([judged.solved * prior / len(judged), np.zeros(len(judged))])
    wrong = np.concatenate([~judged.solved * prior / len(judged), np.full(len(judged), (1 - prior) / len(judged))])
    order = np.argsort(-score, kind="stable")
    found, false = right[order].cumsum(), wrong[order].cumsum()
    return found / np.maximum(found + false, 1e-12), found / prior


def _precision_recall(judged: Judged, prior: float, path: Path) -> Path:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
    for share in (0.5, prior):
        precision, recall = precision_recall(judged, share)
        axes.plot(recall, precision, label=f"{100 * share:g}% of the functions carry a bug")
    axes.set(
        xlabel="recall: bugs solved", ylabel="precision", xlim=(0, 1), ylim=(0, 1), title=f"{len(judged)} held-back functions"
    )
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path


def _calibration(evaluation: Evaluation, path: Path) -> Path:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 4.5), layout="constrained")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, label="perfect")
    stated = [row["confidence"] for row in evaluation.reliability]
    axes.plot(stated, [row["right"] for row in evaluation.reliability], marker="o", label="measured")
    for row in evaluation.reliability:
        axes.annotate(
            f"{row['functions']}", (row["confidence"], row["right"]), textcoords="offset points", xytext=(4, -10), fontsize=7
        )
    axes.set(xlabel="stated confidence", ylabel="share of right findings", xlim=(0, 1), ylim=(0, 1), title="calibration")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path
