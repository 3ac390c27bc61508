"""Runs recorded in MLflow, by a thread of their own: a slow server costs no step, a dead one a single warning.

Without a URI the store is a SQLite file in ``$BUGLAB_HOME`` with artifacts beside it: ``mlflow ui --backend-store-uri URI``.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..data.home import home
from .progress import Progress
from .system import System
from .tracking import LINK, Data, Tracker, TrackingConfig

PARAMETER_LIMIT = 500
"""Characters; MLflow itself takes 6,000, old servers 500."""

PATIENCE = {
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}
"""Set unless the user set them: MLflow's own would wait for minutes on a dead server."""


class MlflowTracker(Tracker):
    """Everything is put into a queue; the thread sends it, and gives up for good at the first failure."""

    def __init__(
        self, config: TrackingConfig, name: str, run_id: str, folder: Path, progress: Progress, sweep: Path | None
    ) -> None:
        super().__init__(folder)
        self.config, self.run_id, self.progress, self.sweep = config, run_id, progress, sweep
        self.where = config.uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._metrics: list[tuple[str, float, int, int]] = []
        self._lock = threading.Lock()
        self._dead = threading.Event()
        self._started = threading.Event()
        for key, value in PATIENCE.items():
            os.environ.setdefault(key, value)
        self._client: Any = None
        self._step = 0
        self._system = System()
        self._work.put(lambda: self._start(name))
        self._thread = threading.Thread(target=self._run, name="tracking", daemon=True)
        self._thread.start()
        self._started.wait(timeout=config.patience_seconds)  # so that the first checkpoint knows the run

    def parameters(self, values: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        clipped = [Param(key[:250], clip(str(value))) for key, value in values.items()]
        for i in range(0, len(clipped), 100):
            part = clipped[i : i + 100]
            self._work.put(lambda part=part: self._client.log_batch(self.run_id, params=part))  # type: ignore[misc]

    def data(self, corpora: list[Data]) -> None:
        def send() -> None:
            from mlflow.entities import Dataset, DatasetInput, InputTag

            made = [
                DatasetInput(
                    Dataset(c.name, c.digest[:36], "local", json.dumps({"uri": c.source})),
                    [InputTag("mlflow.data.context", "training")],
                )
                for c in corpora
            ]
            self._client.log_inputs(self.run_id, made)

        self._work.put(send)

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        super().log(metrics, step)
        self._add(metrics, step)

    def artifact(self, path: Path, folder: str = "") -> None:
        def copy() -> None:
            send = self._client.log_artifacts if path.is_dir() else self._client.log_artifact
            send(self.run_id, str(path), folder or None)

        self._work.put(copy)

    def call(self, work: Callable[[Any, str], None]) -> None:
        self._work.put(lambda: work(self._client, self.run_id))

    def close(self, status: str = "FINISHED") -> None:
        self._work.put(self._flush)
        self._work.put(lambda: self._client.set_terminated(self.run_id, status))
        self._work.put(None)
        self._thread.join(timeout=self.config.patience_seconds)
        if self._thread.is_alive():
            self._dead.set()
            self.progress.say(f"warning: {self.where} is too slow; the end of this run is not recorded there")

    def _add(self, metrics: Mapping[str, float], step: int) -> None:
        now = int(time.time() * 1000)
        with self._lock:
            self._step = step
            self._metrics.extend((name, float(value), now, step) for name, value in metrics.items())

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
                self._started.set()
                if self._dead.is_set():  # it was too slow already
                    continue
                self._dead.set()
                reason = " ".join(str(error).split())[:300]
                self.progress.say(f"warning: tracking at {self.where} failed and is off for the rest of this run: {reason}")

    def _start(self, name: str) -> None:
        import logging

        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri=self.where)
        with self._alone():
            self._begin(name)
        self._started.set()
        self._link(self.folder)

    def _alone(self) -> contextlib.AbstractContextManager[Any]:
        """Runs that begin together must not all make the tables of a new SQLite store."""
        if not self.where.startswith("sqlite:"):
            return contextlib.nullcontext()
        home().mkdir(parents=True, exist_ok=True)
        return FileLock(home() / "mlflow.lock", timeout=self.config.patience_seconds)

    def _begin(self, name: str) -> None:
        """Take up the earlier run, or create one."""
        if self.run_id:
            self._client.update_run(self.run_id, status="RUNNING")
        else:
            experiment = self._experiment()
            tags = {"folder": str(self.folder)}
            if self.sweep:
                tags["mlflow.parentRunId"] = self._parent(self.sweep, experiment)
            self.run_id = self._client.create_run(experiment, run_name=name, tags=tags).info.run_id

    def _link(self, folder: Path | None) -> None:
        if folder and folder.is_dir():
            (folder / LINK).write_text(json.dumps({"where": self.where, "run_id": self.run_id}, indent=1) + "\n")

    def _parent(self, sweep: Path, experiment: str) -> str:
        """The run that stands for the whole sweep: made by the first of its jobs, found by the others."""
        for _ in range(100):
            with contextlib.suppress(OSError, ValueError, KeyError):
                return str(json.loads((sweep / LINK).read_text())["run_id"])
            try:
                (sweep / LINK).open("x").close()
            except FileExistsError:  # another job is just making it
                time.sleep(0.1)
                continue
            parent = self._client.create_run(experiment, run_name=sweep.name, tags={"folder": str(sweep)}).info.run_id
            self._client.set_terminated(parent)
            (sweep / LINK).write_text(json.dumps({"where": self.where, "run_id": parent}, indent=1) + "\n")
            return str(parent)
        raise TimeoutError(f"{sweep / LINK} stays empty")

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self.config.experiment)
        if found:
            return str(found.experiment_id)
        local = (home() / "mlflow-artifacts").as_uri() if self.where.startswith("sqlite:") else None
        return str(self._client.create_experiment(self.config.experiment, artifact_location=local))

    def _flush(self) -> None:
        from mlflow.entities import Metric

        self._add(self._system.figures(), self._step)
        with self._lock:
            pending, self._metrics = self._metrics, []
        for i in range(0, len(pending), 1000):
            metrics = [Metric(*entry) for entry in pending[i : i + 1000]]
            self._client.log_batch(self.run_id, metrics=metrics, synchronous=True)


def clip(value: str) -> str:
    """``value`` cut to what MLflow takes as a parameter."""
    return value if len(value) <= PARAMETER_LIMIT else value[: PARAMETER_LIMIT - 3] + "..."
