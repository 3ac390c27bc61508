"""From a trained run to figures and to a model that the scanner reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pandas
import pytest
import torch

from buglab.data.dataset import Corpus
from buglab.detector.calibrate import Calibration, Threshold
from buglab.detector.reliability import Weights
from buglab.graph.labels import RULES
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.scan.config import Settings
from buglab.scan.features import features
from buglab.scan.runtime import Runtime
from buglab.train import evaluate_main, export_main
from buglab.train.errors import CheckpointError, TrainError
from buglab.train.export import Export, write
from buglab.train.fixes import calibration
from buglab.train.main import main
from buglab.train.trained import averaged, load

from .conftest import TINY, only_run

FEW = ["functions=20", "calibration_functions=20", "tracking=none", "device=cpu", "device.threads=1"]


@pytest.fixture
def run(tiny_home: Path) -> Path:
    assert main([*TINY, "tracking=none", "name=run", "limits.max_steps=2"]) == 0
    return only_run(tiny_home, "run")


def test_evaluation_writes_figures_and_pictures(run: Path, tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert evaluate_main.main([*FEW]) == 0
    assert "all, untrained network" in capfd.readouterr().out
    folder = only_run(tiny_home, "evaluate")
    figures = json.loads((folder / "metrics.json").read_text())
    overall = figures["evaluation"]["overall"]
    assert overall["joint"]["cases"] == figures["functions"] > 0
    assert overall["joint"]["hits"] <= overall["localization"]["hits"]
    assert (
        set(figures["evaluation"]["recall"])
        == set(figures["evaluation"]["sure"])
        == {"0.15", "0.05", "0.01", "0.001", "0.0005"}
    )
    assert set(figures["evaluation"]["rules"]) <= set(RULES)
    for picture in ("precision_recall.png", "calibration.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_the_floor_is_the_same_network_untrained(run: Path, tiny_home: Path) -> None:
    assert evaluate_main.main([*FEW, "checkpoint=none", "name=floor"]) == 0
    assert evaluate_main.main([*FEW, f"checkpoint='{run}'", "name=trained"]) == 0
    floor, trained = (json.loads((only_run(tiny_home, n) / "metrics.json").read_text()) for n in ("floor", "trained"))
    assert floor["checkpoint"] == "none"
    assert floor["evaluation"]["overall"] == trained["untrained"]["overall"]


def test_the_exported_model_is_the_trained_one(run: Path, tiny_home: Path) -> None:
    assert export_main.main([*FEW, "checkpoint=last", "parity_functions=10", "model=tiny"]) == 0
    folder = only_run(tiny_home, "export") / "model"
    assert sorted(path.name for path in folder.iterdir()) == ["CARD.md", "model.json", "model.safetensors"]
    runtime = Runtime.load(folder)
    assert runtime.name == "tiny"
    assert runtime.info["rules"] == list(RULES)
    assert runtime.info["network"]["hidden"] == 16
    assert set(runtime.info["calibration"]["families"]) == set(RULES)
    assert 0 <= runtime.threshold <= 1
    assert sum(one.functions for one in runtime.model.meaning.classes) == 2 * runtime.info["meaning"]["functions"]
    assert runtime.model.meaning.choices[0].bugs == runtime.info["meaning"]["functions"]
    assert runtime.model.meaning.sentence(0.5).startswith("of 100 findings at ")
    card = (folder / "CARD.md").read_text()
    assert "| from confidence | bugs solved | clean functions with an alarm |" in card
    assert "buglab evaluate checkpoint=RUN split=test functions=20 kinds=fixes seed=0" in card
    assert "corpus `tiny`" in card


def test_training_can_begin_with_an_exported_model(run: Path, tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert (
        export_main.main([*FEW, "checkpoint=last", "parity_functions=10", "model=tiny", f"output='{tiny_home / 'model'}'"]) == 0
    )
    capfd.readouterr()
    begun = [*TINY, "tracking=none", "name=more", f"start_from='{tiny_home / 'model'}'", "limits.max_steps=1", "game.rate=0"]
    assert main(begun) == 0
    assert f"beginning with the weights of {tiny_home / 'model'}" in capfd.readouterr().err
    more = load(str(only_run(tiny_home, "more")))
    assert [sitting["name"] for sitting in more.state.history] == [load(str(run)).config.name]
    before, after = load(str(run)).network.state_dict(), more.network.state_dict()
    assert all(torch.allclose(value.half().float(), after[name], atol=1e-3) for name, value in before.items())
    (tiny_home / "model" / "model.safetensors").write_bytes(b"")
    assert main(begun) == 2
    assert "holds no exported model that training can begin with" in capfd.readouterr().err


def test_the_registered_model_scans_text(run: Path, tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [override for override in FEW if override != "tracking=none"]
    assert export_main.main([*few, "checkpoint=last", "parity_functions=5"]) == 0
    mlflow.set_tracking_uri(f"sqlite:///{tiny_home / 'mlflow.db'}")
    everything = Settings(min_confidence=0.0)  # a tiny network is sure of nothing
    monkeypatch.setattr("buglab.scan.served.Settings", lambda: everything)
    loaded = mlflow.pyfunc.load_model("models:/buglab@newest")
    assert loaded.metadata.signature.inputs.input_names() == ["text"]
    text = "def clamp(value, low, high):\n    if value < low:\n        return low\n    return min(value, high)\n"
    found = loaded.predict(pandas.DataFrame({"text": ["x = 1\n", text, "def broken(:\n"]}))
    assert {row["index"] for row in found} >= {1, 2}
    assert {row["code"] for row in found if row["index"] == 2} == {"BL000"}


def test_weights_can_be_averaged(run: Path, tiny_home: Path) -> None:
    begun = [*TINY, "tracking=none", "name=other", "network.dropout=0.1", f"start_from='{run}'", "limits.max_steps=2"]
    assert main(begun) == 0
    other = only_run(tiny_home, "other")
    one, two, both = (load(str(run)), load(str(other)), averaged(str(run), "average", [str(other)]))
    assert both.others == ["other-2"]
    for name, value in both.network.state_dict().items():
        torch.testing.assert_close(value, (one.network.state_dict()[name] + two.network.state_dict()[name]) / 2)
    assert any(not torch.equal(value, two.network.state_dict()[name]) for name, value in one.network.state_dict().items())
    larger = [*TINY, "tracking=none", "name=larger", "network.layers=3", "limits.max_steps=1"]
    assert main(larger) == 0
    with pytest.raises(CheckpointError, match="their weights have no mean"):
        averaged(str(run), "average", [str(only_run(tiny_home, "larger"))])


def test_a_split_without_functions_and_a_missing_run_are_said(run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert evaluate_main.main([*FEW, "split=nothing"]) == 2
    assert "the split 'nothing'" in capfd.readouterr().err
    assert export_main.main([*FEW, "checkpoint=/nowhere"]) == 2
    assert "neither a run nor a checkpoint" in capfd.readouterr().err


CONFIG = NetworkConfig(hidden=16, layers=1)
MADE = Export("m", CONFIG, Calibration(dict.fromkeys(RULES, (1.0, 0.0)), 0.01), Threshold(0.5, 10, 0, 0.0005), {})


def test_the_scanner_is_as_sure_as_the_weights_make_it(tiny_corpus: Path, tmp_path: Path) -> None:
    graphs = [graph for graph in Corpus(tiny_corpus).split("train") if graph.num_sites][:8]
    weights = Weights(np.array([0.5, 0.25, 1.5, -0.5, 3.0]), np.linspace(-4, -1, len(RULES)).round(5))
    export = replace(MADE, calibration=Calibration({}, 0.01, weights))
    write(Network(CONFIG).eval(), export, graphs, lambda _: "card", tmp_path)
    runtime = Runtime.load(tmp_path)
    assert runtime.info["format"] == 2, "a scanner that knows no weights must refuse it"
    for graph, scores in zip(graphs, runtime.score(graphs), strict=True):
        rules = np.repeat(graph.site_rule, np.diff(graph.option_ptr))
        np.testing.assert_allclose(scores.odds, weights.log_odds(features(graph, scores), rules))
        sure = calibration(runtime.model).confidence(RULES, rules, features(graph, scores))
        told = [runtime.confidence(RULES[rule], odds) for rule, odds in zip(rules, scores.odds, strict=True)]
        np.testing.assert_allclose(sure, told, atol=1e-12)


def test_real_fixes_teach_what_makes_a_finding_right(run: Path, tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    few = [*FEW, "checkpoint=last", "parity_functions=5", "fixes=[tiny]"]
    assert export_main.main(few) == 2
    assert "the real fixes cannot teach what makes a finding right: there are no functions" in capfd.readouterr().err


def test_nothing_is_replaced_where_runtime_and_torch_differ(tiny_corpus: Path, tmp_path: Path) -> None:
    graphs = [Corpus(tiny_corpus).split("train")[i] for i in range(5)]
    folder = tmp_path / "model"
    parity = write(Network(CONFIG).eval(), MADE, graphs, lambda _: "card", folder)
    assert parity.largest_difference < 1e-4
    before = (folder / "model.safetensors").read_bytes()

    class Louder(Network):
        """Another arithmetic with the same weights."""

        def state_dict(self, *args: object, **kwargs: object) -> dict[str, torch.Tensor]:  # type: ignore[override]
            state = super().state_dict(*args, **kwargs)  # type: ignore[arg-type]
            self.calls = getattr(self, "calls", 0) + 1
            return state if self.calls == 1 else {name: 1.01 * value for name, value in state.items()}

    with pytest.raises(TrainError, match="differs from torch by"):
        write(Louder(CONFIG).eval(), MADE, graphs, lambda _: "card", folder)
    assert (folder / "model.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_that_is_too_large_is_refused(tiny_corpus: Path, tmp_path: Path) -> None:
    large = NetworkConfig(hidden=400, layers=1)
    export = Export("large", large, MADE.calibration, MADE.threshold, {})
    with pytest.raises(TrainError, match="more than 12,000,000"):
        write(Network(large).eval(), export, [Corpus(tiny_corpus).split("train")[0]], lambda _: "card", tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_other_arithmetic_is_refused(tiny_corpus: Path, tmp_path: Path) -> None:
    other = NetworkConfig(hidden=16, layers=1, layer="rgcn")
    export = Export("other", other, MADE.calibration, MADE.threshold, {})
    with pytest.raises(TrainError, match="the scanner cannot use the exported model"):
        write(Network(other).eval(), export, [Corpus(tiny_corpus).split("train")[0]], lambda _: "card", tmp_path / "model")
    assert np.array([path.exists() for path in tmp_path.iterdir()]).sum() == 0
