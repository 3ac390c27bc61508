"""An exported model is used only if it is whole and fits; what is wrong with it is said in a sentence."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from buglab.graph.build import extract
from buglab.graph.labels import RULES
from buglab.graph.schema import CodeGraph
from buglab.rewrites.source import Source
from buglab.scan import remembering
from buglab.scan.analysis import Analyser
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.features import features
from buglab.scan.files import File
from buglab.scan.reliability import NUMBERS
from buglab.scan.remembering import Remembering
from buglab.scan.runtime import ModelError, Runtime, Scores

TEXT = "def f(a, b):\n    if a < b and not a:\n        return a - b\n    return f(b, a)\n"


WEIGHTS = dict(zip(NUMBERS, (0.5, 0.25, 1.5, -0.5, 3.0), strict=True))


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "copy"))


def rewrite(folder: Path, **changes: Any) -> None:
    info = json.loads((folder / "model.json").read_text(encoding="utf-8")) | changes
    (folder / "model.json").write_text(
        json.dumps({key: value for key, value in info.items() if value is not None}), encoding="utf-8"
    )


def test_scores_are_distributions(model: Path) -> None:
    runtime = Runtime.load(model)
    units = extract(Source.parse(TEXT))
    for unit, scores in zip(units, runtime.score([unit.graph for unit in units]), strict=True):
        assert scores.option.shape == (unit.graph.num_options,)
        assert math.exp(scores.no_bug) + np.exp(scores.option).sum() == pytest.approx(1, abs=1e-4)
        chosen = unit.graph.option_ptr[:-1] + unit.graph.chosen
        assert np.isneginf(scores.option[chosen]).all()
    assert (runtime.name, runtime.threshold, len(runtime.sha256)) == ("untrained", 0.5, 64)


def test_graphs_that_come_again_are_not_scored_again(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scored: list[int] = []
    plain = Runtime.score

    def counting(self: Runtime, graphs: Sequence[CodeGraph]) -> list[Scores]:
        scored.append(len(graphs))
        return plain(self, graphs)

    monkeypatch.setattr(Runtime, "score", counting)
    monkeypatch.setattr(remembering, "MOST", 5)
    runtime, text = Remembering.load(model), "\n".join(TEXT.replace("f(", f"f{at}(") for at in range(4))
    written, changed = ([unit.graph for unit in extract(Source.parse(one))] for one in (text, text.replace("f2(b", "g(b")))
    first = runtime.score(written)
    again, other = runtime.score(written), runtime.score(changed)
    assert scored == [5, 1]
    for found, expected in zip((*again, *other[:3]), (*first, *first[:3]), strict=True):
        assert found.no_bug == expected.no_bug
        assert (found.option == expected.option).all()
    assert other[3].no_bug == pytest.approx(plain(runtime, changed)[3].no_bug, abs=1e-4)
    runtime.score([changed[3], *written])
    assert scored == [5, 1, 1]  # one of the six had to go


def test_confidence_is_the_calibrated_score_and_a_rule_without_a_curve_has_the_plain_one(model: Path) -> None:
    runtime = Runtime.load(model)
    assert runtime.confidence("BL101", 1.5) == pytest.approx(1 / (1 + math.exp(-(0.5 * 1.5 + 0.25))))
    assert runtime.confidence("BL201", 0.0) == pytest.approx(0.5)
    assert runtime.confidence("BL201", -1e9) == 0.0
    assert runtime.confidence("BL201", 1e9) == 1.0


def test_a_model_with_weights_for_more_than_the_score_reports_what_they_make_of_it(model: Path, copy: Path) -> None:
    weighed(copy)
    plain, runtime = Runtime.load(model), Runtime.load(copy)
    graph = next(unit.graph for unit in extract(Source.parse(TEXT)) if unit.unit.name == "f")
    (before,), (after,) = plain.score([graph]), runtime.score([graph])
    assert before.weighed is None
    np.testing.assert_array_equal(before.odds, before.option.astype(np.float64) - before.no_bug)
    assert (before.no_bug, before.option.tolist()) == (after.no_bug, after.option.tolist())
    rules = np.repeat(graph.site_rule, np.diff(graph.option_ptr))
    expected = features(graph, after) @ np.array(list(WEIGHTS.values())) - 1 - rules / 10
    np.testing.assert_allclose(after.odds, expected)

    file = File(Path("a.py"), "a.py", "a.py", len(TEXT), TEXT.encode())
    judge = Engine.prepare(Settings(model=copy, min_confidence=0.0, cache=False)).judge
    analyser = Analyser.load(judge)
    ((analysed,), remembered) = analyser([file]), Analyser.load(judge)
    (finding,) = analysed.report.findings
    best = int(np.argmax(after.option))
    assert finding.score == pytest.approx(float(expected[best]), abs=1e-5)
    assert finding.confidence == pytest.approx(1 / (1 + math.exp(-float(expected[best]))), abs=1e-5)
    remembered.remember()
    assert [one.report for one in remembered([file])] == [one.report for one in remembered([file])] == [analysed.report]


def test_a_graph_without_sites_cannot_have_a_bug(model: Path) -> None:
    units = extract(Source.parse("pass\n"))
    assert Runtime.load(model).score([units[0].graph])[0].no_bug == 0.0
    assert Runtime.load(model).score([]) == []


def truncate(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def flip(folder: Path) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)


def weighed(folder: Path, families: dict[str, Any] | None = None, **parts: Any) -> None:
    """Give the model weights for more than the score; ``parts`` of the table may be replaced."""
    table = {"numbers": WEIGHTS, "rules": {code: -1.0 - at / 10 for at, code in enumerate(RULES)}} | parts
    rewrite(folder, format=2, calibration={"families": families or {}, "prior": 0.01, "reliability": table})


def not_a_number(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["gate_out.bias"] = weights["gate_out.bias"] * np.float16("nan")
    data = save(weights)
    (folder / "model.safetensors").write_bytes(data)
    rewrite(folder, weights_sha256=hashlib.sha256(data).hexdigest())


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (shutil.rmtree, "no model folder at .*; name a folder that `buglab export` wrote with --model"),
    (lambda folder: (folder / "model.json").unlink(), "holds no model.json"),
    (lambda folder: (folder / "model.safetensors").unlink(), "holds no model.safetensors"),
    (lambda folder: (folder / "model.json").write_text("{"), r"model.json is damaged \("),
    (lambda folder: (folder / "model.json").write_bytes(b"\xff{}"), r"model.json is damaged \("),
    (lambda folder: (folder / "model.json").write_text("[]"), "has format None, this version reads format 1 and 2"),
    (lambda folder: rewrite(folder, format=3), "has format 3, this version reads format 1 and 2"),
    (lambda folder: rewrite(folder, network=None), "has no usable 'network'"),
    (lambda folder: rewrite(folder, threshold=7), "the threshold 7 is not a number from 0 to 1"),
    (lambda folder: rewrite(folder, schema_hash="0" * 64), "was trained on graphs of schema 000000000000, this version"),
    (
        lambda folder: rewrite(folder, calibration={"families": {"BL101": {"slope": 1}}}),
        "malformed table of rules, calibration or meaning",
    ),
    (lambda folder: rewrite(folder, calibration={"families": [1]}), "malformed table of rules, calibration or meaning"),
    (lambda folder: weighed(folder, rules={}), "malformed .*lacks BL101, BL102"),
    (lambda folder: weighed(folder, numbers={NUMBERS[0]: 1.0}), "malformed .*are not log-odds against NO_BUG, lead"),
    (lambda folder: weighed(folder, numbers=dict.fromkeys(NUMBERS, -0.1)), "malformed .*less reliable for being more probable"),
    (lambda folder: weighed(folder, numbers=dict.fromkeys(NUMBERS, math.nan)), "malformed .*no finite number"),
    (lambda folder: weighed(folder, numbers=[1]), "malformed"),
    (lambda folder: rewrite(folder, calibration={"families": {}, "reliability": 3}), "malformed"),
    (lambda folder: weighed(folder, {"BL101": {"slope": 1, "intercept": 0}}), "malformed .*curves beside the reliability"),
    (truncate, "is damaged or was exchanged: its sha256 is"),
    (flip, "is damaged or was exchanged"),
    (lambda folder: rewrite(folder, network={"layer": "gatv2", "layers": 2}), "does not compute .*no torch-free runtime"),
    (lambda folder: rewrite(folder, network={"layer": "relational", "layers": 9}), "weights do not fit its description"),
    (not_a_number, "computes values that are not numbers"),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_damage_is_told(copy: Path, damage: Callable[[Path], object], sentence: str) -> None:
    damage(copy)
    with pytest.raises(ModelError, match=sentence):
        Runtime.load(copy).score([unit.graph for unit in extract(Source.parse(TEXT))])


def test_weights_that_are_no_safetensors_are_told(copy: Path) -> None:
    data = b"not tensors"
    (copy / "model.safetensors").write_bytes(data)
    rewrite(copy, weights_sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(ModelError, match="is not a safetensors file"):
        Runtime.load(copy)
