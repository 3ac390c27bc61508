"""Examples in the documentation do what they say."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest


@pytest.mark.parametrize("page", ["docs/architecture.md"])
def test_examples_run(root: Path, page: str) -> None:
    failed, tried = doctest.testfile(str(root / page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert not failed


def test_generated_pages_are_up_to_date(root: Path) -> None:
    """To renew them: `python -m buglab.scan.documents docs`."""
    from buglab.scan.documents import documents

    wanted = documents(root / "docs")
    assert {path: path.read_text(encoding="utf-8") for path in wanted} == wanted
    assert set((root / "docs" / "rules").glob("*")) == {path for path in wanted if path.parent.name == "rules"}


def test_figures_go_where_the_marks_are() -> None:
    from buglab.scan.documents import EMBEDDED, NOT_MEASURED, filled

    info = json.loads(EMBEDDED.read_text(encoding="utf-8"))
    marks = "".join(f"<!-- from the model: {name} -->\nbygone\n<!-- end -->\n" for name in ("model", "classes", "choices"))
    without = filled(marks, {**info, "meaning": None})
    assert without.count(NOT_MEASURED) == 2
    assert f"`{info['name']}`" in without
    assert "bygone" not in without
    row = {"from": 0.5, "to": 1.0, "right": 0.7, "functions": 1000, "clean": 5}
    choice = {"confidence": 0.5, "bugs": 400, "solved": 100, "clean": 2000, "alarms": 1}
    measured = filled(without, {**info, "meaning": {"prior": 0.01, "classes": [row], "choices": [choice]}})
    assert "| 50% to 100% | 70 of 100 | 1,000 |" in measured
    assert "| 0.5 | 25.0% of 400 | 0.5 (1 of 2,000) |" in measured
