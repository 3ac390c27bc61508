"""What a run records, and where: its curves in its own folder, everything in MLflow if that is wanted (mlflow_tracker.py)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .progress import Progress

LINK, METRICS = "tracking.json", "metrics.jsonl"
"""In a run's folder: which run of MLflow it is, and its curves."""


@dataclass
class TrackingConfig:
    """Where runs are recorded: the schema of ``conf/tracking/*.yaml``."""

    kind: str = "mlflow"
    """mlflow, or none"""
    uri: str = ""
    """tracking server or store; empty = $MLFLOW_TRACKING_URI, else ``sqlite:///$BUGLAB_HOME/mlflow.db``"""
    experiment: str = "buglab"
    flush_seconds: float = 10
    """metrics are sent together, this often"""
    patience_seconds: float = 60
    """how long the end of a run waits for a slow server"""
    register: str = "buglab"
    """name under which an exported model is registered; empty = it is logged, not registered"""


@dataclass(frozen=True)
class Data:
    """A corpus that a run learns from."""

    name: str
    digest: str
    source: str
    """its folder"""


class Tracker:
    """Writes the curves into the run's folder, if it is given one; also the interface of the one that asks MLflow."""

    run_id = ""
    where = ""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def parameters(self, values: Mapping[str, Any]) -> None: ...

    def data(self, corpora: list[Data]) -> None: ...

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        if self.folder:
            with (
                contextlib.suppress(OSError),
                (self.folder / METRICS).open("a") as file,
            ):  # a full disk is the checkpoints' affair
                file.write(json.dumps({"step": step} | dict(metrics)) + "\n")

    def artifact(self, path: Path, folder: str = "") -> None:
        """Copy a file or folder into the run."""

    def call(self, work: Callable[[Any, str], None]) -> None:
        """Do ``work(client, run_id)`` when the server has time."""

    def close(self, status: str = "FINISHED") -> None: ...


def open_tracker(
    config: TrackingConfig, name: str, run_id: str, folder: Path, progress: Progress, sweep: Path | None = None
) -> Tracker:
    """A tracker for the run ``name``, or for the earlier run ``run_id`` that is resumed.

    Runs with the same folder ``sweep`` become children of one run.
    """
    if config.kind == "none":
        return Tracker(folder)
    from .mlflow_tracker import MlflowTracker

    return MlflowTracker(config, name, run_id, folder, progress, sweep)


def folder_of(run_id: str, runs: Path) -> Path | None:
    """The folder of the run with this id in MLflow, below ``runs``."""
    for link in (*runs.glob(f"*/{LINK}"), *runs.glob(f"*/*/{LINK}")) if run_id.isalnum() else ():
        with contextlib.suppress(OSError, ValueError):
            if json.loads(link.read_text())["run_id"] == run_id:
                return link.parent
    return None
