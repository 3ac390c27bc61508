"""Runs recorded in MLflow, by a thread of their own: a slow server costs no step, a dead one a single warning.

Without a URI the store is a SQLite file in ``$BUGLAB_HOME`` with artifacts beside it: ``mlflow ui --backend-store-uri URI``.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..data.home import home
from .progress import Progress

PARAMETER_LIMIT = 500
"""Characters; MLflow itself takes 6,000, old servers 500."""

PATIENCE = {
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}
"""Set unless the user set them: MLflow's own would wait for minutes on a dead server."""


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


class Tracker:
    """Records nothing; also the interface of the one that does."""

    run_id = ""
    where = ""

    def parameters(self, values: Mapping[str, Any]) -> None: ...

    def log(self, metrics: Mapping[str, float], step: int) -> None: ...

    def artifact(self, path: Path, folder: str = "") -> None:
        """Copy a file or folder into the run."""

    def close(self, status: str = "FINISHED") -> None: ...


def open_tracker(config: TrackingConfig, name: str, run_id: str, folder: Path, progress: Progress) -> Tracker:
    """A tracker for the run ``name``, or for the earlier run ``run_id`` that is resumed."""
    if config.kind == "none":
        return Tracker()
    return MlflowTracker(config, name, run_id, folder, progress)


class MlflowTracker(Tracker):
    def __init__(self, config: TrackingConfig, name: str, run_id: str, folder: Path, progress: Progress) -> None:
        self.config, self.run_id, self.progress = config, run_id, progress
        self.where = config.uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._metrics: list[tuple[str, float, int, int]] = []
        self._lock = threading.Lock()
        self._dead = threading.Event()
        self._started = threading.Event()
        for key, value in PATIENCE.items():
            os.environ.setdefault(key, value)
        self._client: Any = None
        self._work.put(lambda: self._start(name, folder))
        self._thread = threading.Thread(target=self._run, name="tracking", daemon=True)
        self._thread.start()
        self._started.wait(timeout=60)  # so that the first checkpoint knows the run

    def parameters(self, values: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        clipped = [Param(key[:250], clip(str(value))) for key, value in values.items()]
        for i in range(0, len(clipped), 100):
            part = clipped[i : i + 100]
            self._work.put(lambda part=part: self._client.log_batch(self.run_id, params=part))  # type: ignore[misc]

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        now = int(time.time() * 1000)
        with self._lock:
            self._metrics.extend((name, float(value), now, step) for name, value in metrics.items())

    def artifact(self, path: Path, folder: str = "") -> None:
        def copy() -> None:
            send = self._client.log_artifacts if path.is_dir() else self._client.log_artifact
            send(self.run_id, str(path), folder or None)

        self._work.put(copy)

    def close(self, status: str = "FINISHED") -> None:
        self._work.put(self._flush)
        self._work.put(lambda: self._client.set_terminated(self.run_id, status))
        self._work.put(None)
        self._thread.join(timeout=60)

    def _run(self) -> None:
        """Do the work in order; the first failure is the only one that is mentioned, and the last that is tried."""
        while True:
            try:
                work = self._work.get(timeout=self.config.flush_seconds)
            except queue.Empty:
                work = self._flush
            if work is None:
                return
            if self._dead.is_set():
                continue
            try:
                work()
            except Exception as error:  # whatever the server or its client raises: the job goes on
                self._dead.set()
                self._started.set()
                reason = " ".join(str(error).split())[:300]
                self.progress.say(f"warning: tracking at {self.where} failed and is off for the rest of this run: {reason}")

    def _start(self, name: str, folder: Path) -> None:
        import logging

        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri=self.where)
        if self.run_id:
            self._client.update_run(self.run_id, status="RUNNING")
        else:
            run = self._client.create_run(self._experiment(), run_name=name, tags={"folder": str(folder)})
            self.run_id = run.info.run_id
        self._started.set()

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self.config.experiment)
        if found:
            return str(found.experiment_id)
        local = (home() / "mlflow-artifacts").as_uri() if self.where.startswith("sqlite:") else None
        return str(self._client.create_experiment(self.config.experiment, artifact_location=local))

    def _flush(self) -> None:
        from mlflow.entities import Metric

        with self._lock:
            pending, self._metrics = self._metrics, []
        for i in range(0, len(pending), 1000):
            metrics = [Metric(*entry) for entry in pending[i : i + 1000]]
            self._client.log_batch(self.run_id, metrics=metrics, synchronous=True)


def clip(value: str) -> str:
    """``value`` cut to what MLflow takes as a parameter."""
    return value if len(value) <= PARAMETER_LIMIT else value[: PARAMETER_LIMIT - 3] + "..."
