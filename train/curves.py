"""Pictures of a game that is being played: its value over time, and which bugs the selector prefers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tracking import METRICS

VALUE = {
    "selector/reward": "selector's bugs",
    "selector/reward_of_uniform": "random bugs",
    "detector/clean_loss": "clean functions",
}
"""Curves of ``game.png``: what the detector pays, in nats."""


def history(folder: Path) -> dict[str, dict[int, float]]:
    """Every curve of a run by step.  Steps that were taken again after a resumption count as they came out last."""
    found: dict[str, dict[int, float]] = {}
    try:
        lines = (folder / METRICS).read_text().splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:  # half a line, of a process that was killed
            continue
        step = int(entry.pop("step", 0))
        for name, value in entry.items():
            found.setdefault(name, {})[step] = float(value)
    return found


def game_value(folder: Path, path: Path) -> None:
    """Draw what the detector pays on each kind of function, over the steps of the run in ``folder``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    curves = history(folder)
    for name, label in VALUE.items():
        if curve := sorted(curves.get(name, {}).items()):
            steps, values = np.array(curve).T
            axes.plot(steps, values, label=label)
    axes.set(xlabel="step", ylabel="detector's loss, nats", title="value of the game")
    if axes.lines:
        axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def choices(rules: Sequence[str], selector: NDArray[np.float64], uniform: NDArray[np.float64], path: Path) -> None:
    """Draw the share of each rule among the selector's bugs beside that among random ones: both [rules]."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    place = np.arange(len(rules))
    axes.barh(place - 0.2, selector, 0.4, label="selector")
    axes.barh(place + 0.2, uniform, 0.4, label="random", color="lightgrey")
    axes.set_yticks(place, list(rules))
    axes.invert_yaxis()
    axes.set(xlabel="share of the bugs", title="bugs by rule")
    axes.legend()
    figure.savefig(path, dpi=110)
