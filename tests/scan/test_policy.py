"""What is set for some paths only."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.scan.catalogue import catalogue
from buglab.scan.config import Settings
from buglab.scan.errors import CannotScan
from buglab.scan.model import Model
from buglab.scan.policy import Policy

EVERY = {entry.code for entry in catalogue()}


def policy(model: Path, **settings: object) -> Policy:
    return Policy.of(Settings(**settings), Model.load(model))  # type: ignore[arg-type]


def test_rules_ignored_below_a_path(model: Path) -> None:
    found = policy(model, per_file_ignores={"tests/": ("BL2",), "**/gen_*.py": ("ALL",), "/top.py": ("BL101", "BL301")})
    assert found.codes_for("a.py") == EVERY
    assert found.codes_for("pkg/tests/x.py") == EVERY - {code for code in EVERY if code.startswith("BL2")}
    assert found.codes_for("pkg/gen_x.py") == set()
    assert found.codes_for("top.py") == EVERY - {"BL101", "BL301"}
    assert found.codes_for("pkg/top.py") == EVERY


def test_thresholds_below_a_path_the_last_one_counts(model: Path) -> None:
    found = policy(model, per_file_min_confidence={"tests/": 0.9, "tests/unit/": 0.2})
    assert [found.threshold_for(key) for key in ("a.py", "tests/a.py", "tests/unit/a.py")] == [0.5, 0.9, 0.2]
    assert policy(model, min_confidence=0.7).threshold_for("a.py") == 0.7


def test_extended_selection_beats_ignoring(model: Path) -> None:
    assert policy(model, select=("BL1",), extend_select=("BL301",)).codes == {"BL000", "BL101", "BL102", "BL103", "BL301"}
    assert policy(model, ignore=("BL",), extend_select=("BL302",)).codes == {"BL302"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"per_file_ignores": {"a": ("BL999",)}}, r"no rule is called 'BL999' \(in per-file-ignores\)"),
        ({"extend_select": ("swaped-arguments",)}, "did you mean 'swapped-arguments'"),
        ({"per_file_ignores": {"[a": ()}}, None),
        ({"per_file_min_confidence": {"!": 0.5}}, "is no pattern as in .gitignore"),
    ],
)
def test_mistakes_are_told(model: Path, settings: dict[str, object], sentence: str | None) -> None:
    if sentence is None:
        assert policy(model, **settings).codes_for("x.py") == EVERY
        return
    with pytest.raises(CannotScan, match=sentence):
        policy(model, **settings)
