from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mlflow import MlflowClient

from buglab.train.curves import history
from buglab.train.main import main
from buglab.train.mlflow_tracker import PARAMETER_LIMIT
from buglab.train.progress import Progress
from buglab.train.tracking import LINK, METRICS, TrackingConfig, folder_of, open_tracker
from buglab.train.validation import REPORT

from .conftest import TINY, only_run


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_both_players_are_in_the_local_store(tiny_home: Path) -> None:
    assert main([*TINY, "name=tracked", "limits.max_steps=2"]) == 0
    folder = only_run(tiny_home, "tracked")
    link = json.loads((folder / LINK).read_text())
    assert main([f"resume={link['run_id']}", "limits.max_steps=4"]) == 0
    client = MlflowClient(f"sqlite:///{tiny_home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("buglab")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])  # the resumed one is the same
    assert run.info.status == "FINISHED"
    assert run.info.run_id == link["run_id"]
    assert run.data.tags["folder"] == str(folder)
    assert folder_of(run.info.run_id, tiny_home / "runs") == folder
    (data,) = run.inputs.dataset_inputs
    assert data.dataset.name == "tiny"
    assert run.data.params["network.hidden"] == "16"
    assert {"detector/loss", "selector/loss", "selector/reward", "valid/joint"} <= run.data.metrics.keys()
    assert [metric.step for metric in client.get_metric_history(run.info.run_id, "detector/loss")] == [1, 2, 3, 4]
    assert "system/process_memory_megabytes" in run.data.metrics
    assert [entry.path for entry in client.list_artifacts(run.info.run_id)] == ["checkpoints", "config.yaml", REPORT]
    pictures = sorted(path.name for path in (folder / REPORT).iterdir())
    assert pictures == ["calibration.png", "choices.png", "game.png", "hardest.txt", "precision_recall.png"]
    hardest = (folder / REPORT / "hardest.txt").read_text()
    assert 1 <= hardest.count("nats: cpython") <= 5
    assert hardest.count("@@") >= hardest.count("nats: cpython")  # each as a difference against its source
    assert sorted(history(folder)["detector/loss"]) == [1, 2, 3, 4]
    assert (tiny_home / "mlflow-artifacts").is_dir()


def test_a_dead_server_costs_one_warning(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    uri = f"http://127.0.0.1:{closed_port()}"
    assert main([*TINY, "name=alone", "limits.max_steps=3", f"tracking.uri={uri}"]) == 0
    error = capfd.readouterr().err
    assert error.count("warning: tracking at") == 1
    assert "Traceback" not in error
    assert (only_run(tiny_home, "alone") / "checkpoints" / "step-00000003").is_dir()


class Slow(BaseHTTPRequestHandler):
    """A server that takes a second over every answer, which is then of no use."""

    def do_GET(self) -> None:
        time.sleep(1)
        self.send_error(503)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None: ...


def test_a_slow_server_costs_one_warning(
    tiny_home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.handle_error = lambda request, client_address: None  # the client hangs up on it
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        tracker = open_tracker(
            TrackingConfig(uri=f"http://127.0.0.1:{server.server_port}", patience_seconds=0.2),
            "slow",
            "",
            tiny_home,
            Progress(),
        )
        began = time.monotonic()
        for step in range(50):
            tracker.log({"figure": 1.0}, step)
        assert time.monotonic() - began < 25  # no step waits for the server, which would take 50 s
        tracker.close()
        tracker._thread.join()
    finally:
        server.shutdown()
        server.server_close()
    assert capfd.readouterr().err.count("warning: ") == 1
    assert len((tiny_home / METRICS).read_text().splitlines()) == 50


def test_jobs_of_a_sweep_begin_together_as_children_of_one_run(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    sweep = tiny_home / "runs" / "sweep"

    def job(name: str) -> None:
        (sweep / name).mkdir(parents=True)
        open_tracker(TrackingConfig(patience_seconds=600), name, "", sweep / name, Progress(), sweep).close()

    jobs = [threading.Thread(target=job, args=(name,)) for name in "01"]
    for thread in jobs:
        thread.start()
    for thread in jobs:
        thread.join()
    warnings = [line for line in capfd.readouterr().err.splitlines() if line.startswith("warning")]
    assert not [line for line in warnings if "127.0.0.1" not in line]  # of other tests' servers threads may still complain
    client = MlflowClient(f"sqlite:///{tiny_home / 'mlflow.db'}")
    runs = {run.info.run_name: run for run in client.search_runs(["1"])}
    assert runs.keys() == {"0", "1", "sweep"}
    assert all(runs[name].data.tags["mlflow.parentRunId"] == runs["sweep"].info.run_id for name in "01")


def test_long_parameters_are_clipped(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tracker = open_tracker(TrackingConfig(), "long", "", tiny_home, Progress())
    tracker.parameters({"long": "x" * 10_000, "many": list(range(3000)), **{f"p{i}": i for i in range(250)}})
    tracker.log({"figure": 1.0}, 0)
    tracker.close()
    run = MlflowClient(f"sqlite:///{tiny_home / 'mlflow.db'}").get_run(tracker.run_id)
    assert len(run.data.params["long"]) == len(run.data.params["many"]) == PARAMETER_LIMIT
    assert len(run.data.params) == 252
    assert {name: value for name, value in run.data.metrics.items() if not name.startswith("system/")} == {"figure": 1.0}
    assert "warning" not in capfd.readouterr().err


def test_tracking_can_be_off(tiny_home: Path) -> None:
    assert main([*TINY, "limits.max_steps=1", "tracking=none"]) == 0
    assert not (tiny_home / "mlflow.db").exists()
