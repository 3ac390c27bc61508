"""Real fixes judged by the exported detector."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from buglab.data.mining import pairs as published
from buglab.data.mining.pairs import FixedPair, locate
from buglab.data.mining.record import Fix
from buglab.graph.build import extract
from buglab.graph.labels import RULE_ID, RULES
from buglab.rewrites.source import Source
from buglab.scan.candidates import ranked_candidates
from buglab.scan.reliability import NUMBERS, RISING
from buglab.scan.runtime import EMBEDDED, Runtime
from buglab.tests.data.mining.conftest import CLAMP, History
from buglab.train.evaluate import confidences
from buglab.train.evaluate_main import main
from buglab.train.fixes import at_threshold, calibration, judge_fixes

FIXED = CLAMP.replace("<", "<=")
LONG = "def long(a, b):\n" + "".join(f"    a{i} = a + b * {i}\n" for i in range(400)) + "    return a399 < b\n"
SWAPPED = "def copy(target, source, third):\n    put({}, third)\n    return third\n"


def fix(function: str, code: str, row: int) -> Fix:
    return Fix("someone/sorter", "c" * 40, "a.py", function, code, row, 1)


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime.load(EMBEDDED)


@pytest.mark.parametrize(
    ("function", "code", "row", "buggy", "fixed"),
    [
        ("clamp", "BL201", 2, CLAMP, FIXED),
        ("long", "BL201", 402, LONG, LONG.replace("<", ">=")),
        ("copy", "BL401", 2, SWAPPED.format("target, source"), SWAPPED.format("source, target")),
    ],
)
def test_the_repair_is_found_again(function: str, code: str, row: int, buggy: str, fixed: str) -> None:
    found = locate(FixedPair(fix(function, code, row), buggy, "# moved\n\n" + fixed))
    assert found is not None
    ((site, option),) = found.right
    assert site.rule.code == code
    assert site.options[option].edit.apply(buggy) == fixed
    assert (found.unit.name, found.repaired.name) == (function, function)


def test_scores_are_those_of_the_scanner(runtime: Runtime) -> None:
    judged, lost = judge_fixes(runtime, [FixedPair(fix("clamp", "BL201", 2), CLAMP, FIXED)])
    assert (len(judged), lost.total(), judged.rule[0]) == (1, 0, RULE_ID["BL201"])
    ours = zip((CLAMP, FIXED), confidences(calibration(runtime.model), RULES, judged), strict=True)
    for (text, sure), rule in zip(ours, (judged.top_rule, judged.clean_rule), strict=True):
        graphs = [found for found in extract(Source.parse(text)) if found.unit.name == "clamp"]
        ((best, *_),) = ranked_candidates(graphs, runtime.score([found.graph for found in graphs]), {}).values()
        code = best.site.rule.code
        assert (runtime.confidence(code, best.score), RULE_ID[code]) == (pytest.approx(sure[0], abs=1e-5), rule[0])
        if text == CLAMP:
            right = best.site.options[best.option].edit.apply(CLAMP) == FIXED
            assert (judged.solved[0], judged.placed[0] or not right) == (right, True)


def test_the_threshold_is_the_one_of_a_scan(runtime: Runtime) -> None:
    judged, _ = judge_fixes(runtime, [FixedPair(fix("clamp", "BL201", 2), CLAMP, FIXED)])
    ours = calibration(runtime.model)
    sure = confidences(ours, RULES, judged)
    reported = judged.solved[0] and sure[0][0] >= runtime.threshold
    assert at_threshold(judged, *sure, runtime.threshold)["joint"]["hits"] == int(reported)
    raised = np.array([1000.0] * RISING + [0.0] * (len(NUMBERS) - RISING))
    certain = replace(judged, features=judged.features + raised, clean_features=judged.clean_features + raised)
    found = at_threshold(certain, *confidences(ours, RULES, certain), runtime.threshold)
    assert found["joint"]["hits"] == int(judged.solved[0])
    assert found["false_alarms"]["hits"] == 1


def test_what_the_rules_do_not_know_is_counted(runtime: Runtime) -> None:
    other = FixedPair(fix("clamp", "BL201", 2), CLAMP, CLAMP.replace("high)", "high, low, 1)"))
    judged, lost = judge_fixes(runtime, [other, FixedPair(fix("clamp", "BL201", 2), CLAMP, FIXED)])
    assert (len(judged), lost) == (1, {"not found by the present rules": 1})


def test_the_command_judges_the_fixes_that_have_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    history = History(tmp_path / "clones" / "beets", "https://github.com/beetbox/beets.git")
    history.commit("begin", {"a.py": CLAMP})
    commit = history.commit("Fix", {"a.py": FIXED})
    there = Fix("beetbox/beets", commit, "a.py", "clamp", "BL201", 2, 14)
    absent = Fix("beetbox/beets", "0" * 40, "a.py", "clamp", "BL201", 2, 14)
    (tmp_path / "fixes.jsonl").write_bytes(b"".join(msgspec.json.encode(fix) + b"\n" for fix in (there, absent)))
    monkeypatch.setattr(published.load, "__defaults__", ((), tmp_path / "fixes.jsonl"))
    monkeypatch.setenv("BUGLAB_HOME", str(tmp_path / "home"))
    assert main([f"clones={tmp_path}/clones", f"hydra.run.dir={tmp_path}/out"]) == 0
    figures = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert (figures["fixes"], figures["left_out"]) == (2, {"missing in the clone": 1})
    assert figures["evaluation"]["overall"]["joint"]["cases"] == 1
    assert main([f"clones={tmp_path}/clones", "fold=calibration"]) == 2
    assert "holds no clone of a project of the fold 'calibration'" in capsys.readouterr().err
    assert main([f"clones={tmp_path}/clones", "fold=other"]) == 2
    assert "there is no fold 'other'" in capsys.readouterr().err
