"""``buglab baseline`` and scans that have one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buglab.cli.main import group

from .conftest import TEXT, records

Run = Callable[..., Result]
FILE = "buglab-baseline.json"
OTHER = TEXT.replace("pick", "choose").replace("index", "at")


@pytest.fixture
def baseline(model: Path) -> Run:
    def run(*arguments: str) -> Result:
        scanning = [] if arguments[0] == "show" else ["--model", str(model), "--min-confidence", "0"]
        return CliRunner().invoke(group, ["baseline", *arguments, *scanning])

    return run


def test_what_is_in_the_baseline_is_no_news(project: Path, buglab: Run, baseline: Run) -> None:
    written = baseline("write")
    assert (written.exit_code, written.stdout) == (0, f"{project / FILE}: 1 finding, found by model untrained.\n")
    ran = buglab("--baseline", FILE)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "No findings in 1 file (1 in the baseline).\n")
    assert [entry["suppressed"] for entry in records(buglab("--baseline", FILE, "--output-format", "json").stdout)] == [True]
    assert "1 other left alone" in buglab("--diff").stderr
    assert buglab("--diff", "--baseline", FILE).stderr == "0 repairs would be applied in 0 files.\n"
    (project / "mod.py").write_text(f"import os\n\n\n{TEXT}\n\n{OTHER}", encoding="utf-8")
    ran = buglab("--baseline", FILE, "--output-format", "concise")
    assert ran.exit_code == 1
    assert ran.stderr == "1 finding in 1 of 1 file (1 in the baseline).\n"
    (project / "pyproject.toml").write_text(f'[tool.buglab]\nbaseline = "{FILE}"\n', encoding="utf-8")
    assert buglab("--output-format", "concise").stdout == ran.stdout


def test_update_drops_and_never_adds(project: Path, buglab: Run, baseline: Run) -> None:
    (project / "other.py").write_text(OTHER, encoding="utf-8")
    baseline("write")
    (project / "mod.py").write_text(f"{TEXT}\n\n{TEXT.replace('pick', 'late')}", encoding="utf-8")
    (project / "other.py").unlink()
    assert buglab("-v", "--baseline", FILE, ".").stderr.count("no longer found") == 0  # its file is gone
    ran = baseline("update")
    assert ran.stdout == f"{project / FILE}: 1 dropped, 1 finding left; 1 finding not in it stay out.\n"
    (project / "mod.py").write_text("x = 1\n", encoding="utf-8")
    assert "no longer found: 1 finding of the baseline" in buglab("-v", "--baseline", FILE).stderr
    before = (project / FILE).read_bytes()
    assert "0 dropped" in baseline("update", "pyproject.toml").stdout
    assert (project / FILE).read_bytes() == before
    assert ": 1 dropped, 0 findings left" in baseline("update").stdout
    assert json.loads((project / FILE).read_bytes())["entries"] == []


def test_show_lists_it(project: Path, baseline: Run) -> None:
    baseline("write")
    ran = baseline("show")
    assert (ran.exit_code, ran.stdout.startswith("mod.py: BL")) == (0, True)
    assert ran.stderr.startswith("1 finding, written with model untrained (")


def test_another_model_is_told_and_a_missing_file_is_2(project: Path, buglab: Run, baseline: Run) -> None:
    baseline("write")
    stored = json.loads((project / FILE).read_bytes())
    (project / FILE).write_text(json.dumps({**stored, "model": "older", "sha256": "0" * 64}), encoding="utf-8")
    assert "note: the baseline was written with model older (000000000000)" in buglab("--baseline", FILE).stderr
    assert "note: the baseline was written with model older" in baseline("update").stderr
    for ran in (buglab("--baseline", "absent.json"), baseline("show", "--baseline", "absent.json")):
        assert ran.exit_code == 2
        assert "buglab: there is no baseline absent.json; `buglab baseline write` makes one" in ran.stderr


def test_a_link_stays_a_link(project: Path, baseline: Run) -> None:
    (project / "kept").mkdir()
    (project / FILE).symlink_to("kept/baseline.json")
    assert baseline("write").exit_code == 0
    assert (project / FILE).is_symlink()
    assert json.loads((project / "kept" / "baseline.json").read_bytes())["entries"]
