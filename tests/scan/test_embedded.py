"""The detector that the package carries: whole, within its size, and of some use."""

from __future__ import annotations

import json
from pathlib import Path

from buglab.rewrites.registry import rules
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.files import find_files
from buglab.scan.runtime import EMBEDDED, Runtime

PLANTED = Path(__file__).resolve().parents[1] / "planted"


def test_it_is_whole_and_knows_only_rules_that_there_are() -> None:
    runtime = Runtime.load(EMBEDDED)
    assert runtime.rules
    assert runtime.rules <= {rule.code for rule in rules()}
    table = runtime.model.reliability
    assert set(table.rules if table else runtime.model.calibration) == runtime.rules
    assert 0 < runtime.threshold < 1
    assert (EMBEDDED / "CARD.md").stat().st_size > 500
    assert sum(path.stat().st_size for path in EMBEDDED.iterdir()) <= 12_000_000


def test_a_higher_score_of_a_rule_is_never_less_probable() -> None:
    runtime = Runtime.load(EMBEDDED)
    for rule in rules():
        values = [runtime.confidence(rule.code, score / 4) for score in range(-80, 81)]
        assert values == sorted(values)


def test_it_finds_more_planted_bugs_than_it_alarms_on_the_right_code() -> None:
    """Each function of ``wrong.py`` but a few has one bug; ``right.py`` is the same without."""
    settings = Settings(root=PLANTED)
    wrong, right = (
        [
            finding
            for report in Engine.prepare(settings).scan(find_files([PLANTED / name], settings))
            for finding in report.findings
        ]
        for name in ("wrong.py", "right.py")
    )
    assert wrong
    assert len(right) < len(wrong)


def test_the_best_candidate_of_every_function_is_reported_at_zero() -> None:
    settings = Settings(root=PLANTED, min_confidence=0.0)
    (report,) = Engine.prepare(settings).scan(find_files([PLANTED / "wrong.py"], settings))
    functions = {finding.function for finding in report.findings}
    assert {"largest", "merge", "mean", "Rectangle.area", "Account.deposit", "check_range"} <= functions
    assert len(functions) == len(report.findings)
    described = json.loads((EMBEDDED / "model.json").read_text(encoding="utf-8"))
    assert described["network"]["layer"] == "relational"
