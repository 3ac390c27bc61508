"""Every YAML file composes and builds what it names; every experiment plays two steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

import buglab.conf
from buglab.models.network import Network
from buglab.train import config as schemas
from buglab.train.config import CorpusCommand, EvaluateConfig, ExportConfig, TrainConfig, typed
from buglab.train.device import choose
from buglab.train.main import main
from buglab.train.profiling import TABLE, TRACE
from buglab.train.step import Game

from .conftest import TINY, only_run

CONF = Path(buglab.conf.__file__).parent
GROUPS = sorted(path.name for path in CONF.iterdir() if path.is_dir() and not path.name.startswith("_"))
CHOICES = sorted((path.parent.name, path.stem) for path in CONF.glob("*/*.yaml"))
SHRINK = [*(o for o in TINY if not o.startswith("budget=")), "budget=small", "tracking=none"]


def composed(root: str, *overrides: str) -> object:
    schemas.register()
    with initialize_config_module("buglab.conf", version_base="1.3"):
        return typed(compose(root, list(overrides)), schemas.SCHEMAS[root])


def test_groups_are_what_there_is() -> None:
    assert GROUPS == ["budget", "corpus", "debug", "detector", "device", "experiment", "network", "selector", "tracking"]


@pytest.mark.parametrize(("root", "kind"), [("train", TrainConfig), ("evaluate", EvaluateConfig), ("export", ExportConfig)])
def test_root_configurations(root: str, kind: type) -> None:
    assert isinstance(composed(root), kind)
    assert isinstance(composed("corpus", "corpus=smoke"), CorpusCommand)


@pytest.mark.parametrize(("group", "choice"), CHOICES)
def test_every_choice_builds(group: str, choice: str) -> None:
    config = composed("train", f"{group}={choice}")
    assert isinstance(config, TrainConfig)
    if group == "network":
        Network(config.network)
    if group in ("selector", "detector"):
        Game(config.network, config.game, torch.device("cpu"))
    if group == "device" and choice in ("auto", "cpu"):
        choose(config.device)


@pytest.mark.parametrize("experiment", sorted(path.stem for path in (CONF / "experiment").glob("*.yaml")))
def test_every_experiment_plays_two_steps(experiment: str, tiny_home: Path) -> None:
    alone = ["more_corpora=[]", "start_from="] if experiment == "second" else []  # what it begins with, a first phase makes
    assert main([f"experiment={experiment}", "debug=fast", *SHRINK, *alone, "finish=false"]) == 0
    assert (only_run(tiny_home, "debug") / "checkpoints" / "step-00000002").is_dir()


def test_several_runs_at_once(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--multirun", *SHRINK, "limits.max_steps=1", "selector=learned,uniform", "name=both"]) == 0
    (sweep,) = (tiny_home / "runs").iterdir()
    assert sorted(path.name for path in sweep.iterdir() if path.is_dir()) == ["0-both", "1-both"]
    assert all((path / "checkpoints").is_dir() for path in sweep.iterdir() if path.is_dir())


def test_a_profile_is_a_trace_and_a_table(tiny_home: Path) -> None:
    short = ["profile.skip=1", "profile.steps=1", "limits.max_steps=3", "name=profiled", "valid_functions=2"]
    assert main(["debug=profile", *SHRINK, *short]) == 0
    folder = only_run(tiny_home, "profiled")
    events = json.loads((folder / TRACE).read_text())["traceEvents"]
    assert any(event.get("name") == "aten::mm" for event in events)
    assert "aten::mm" in (folder / TABLE).read_text()


def test_a_search_is_led_by_what_the_runs_return(tiny_home: Path) -> None:
    few = ["hydra.sweeper.n_trials=2", "limits.max_steps=1", "valid_functions=2"]
    assert main(["--multirun", "experiment=search", *SHRINK, *few]) == 0
    (sweep,) = (tiny_home / "runs").iterdir()
    result = OmegaConf.load(sweep / "optimization_results.yaml")
    assert result.name == "optuna"
    assert set(result.best_params) == {"game.rate", "game.selector_rate", "game.leash"}
    rates = {OmegaConf.load(sweep / f"{number}-search" / "config.yaml").game.rate for number in range(2)}
    assert len(rates) == 2
