from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient

from buglab.train.main import main
from buglab.train.progress import Progress
from buglab.train.tracking import PARAMETER_LIMIT, TrackingConfig, open_tracker

from .conftest import TINY, only_run


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_both_players_are_in_the_local_store(tiny_home: Path) -> None:
    assert main([*TINY, "name=tracked", "limits.max_steps=2"]) == 0
    assert main(["name=tracked", "resume=last", "limits.max_steps=4"]) == 0
    client = MlflowClient(f"sqlite:///{tiny_home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("buglab")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])  # the resumed one is the same
    assert run.info.status == "FINISHED"
    assert run.data.tags["folder"] == str(only_run(tiny_home, "tracked"))
    assert run.data.params["network.hidden"] == "16"
    assert {"detector/loss", "selector/loss", "selector/reward", "valid/joint"} <= run.data.metrics.keys()
    assert [metric.step for metric in client.get_metric_history(run.info.run_id, "detector/loss")] == [1, 2, 3, 4]
    assert [entry.path for entry in client.list_artifacts(run.info.run_id)] == ["checkpoints", "config.yaml"]
    assert (tiny_home / "mlflow-artifacts").is_dir()


def test_a_dead_server_costs_one_warning(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    uri = f"http://127.0.0.1:{closed_port()}"
    assert main([*TINY, "name=alone", "limits.max_steps=3", f"tracking.uri={uri}"]) == 0
    assert time.monotonic() - began < 60
    error = capfd.readouterr().err
    assert error.count("warning: tracking at") == 1
    assert "Traceback" not in error
    assert (only_run(tiny_home, "alone") / "checkpoints" / "step-00000003").is_dir()


def test_long_parameters_are_clipped(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tracker = open_tracker(TrackingConfig(), "long", "", tiny_home, Progress())
    tracker.parameters({"long": "x" * 10_000, "many": list(range(3000)), **{f"p{i}": i for i in range(250)}})
    tracker.log({"figure": 1.0}, 0)
    tracker.close()
    run = MlflowClient(f"sqlite:///{tiny_home / 'mlflow.db'}").get_run(tracker.run_id)
    assert len(run.data.params["long"]) == len(run.data.params["many"]) == PARAMETER_LIMIT
    assert len(run.data.params) == 252
    assert run.data.metrics == {"figure": 1.0}
    assert "warning" not in capfd.readouterr().err


def test_tracking_can_be_off(tiny_home: Path) -> None:
    assert main([*TINY, "limits.max_steps=1", "tracking=none"]) == 0
    assert not (tiny_home / "mlflow.db").exists()
