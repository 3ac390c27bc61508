"""``buglab scan``: flags, exit codes, what goes where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from .conftest import TEXT, records

Run = Callable[..., Result]


def test_findings_go_to_stdout_the_rest_to_stderr_and_the_code_is_1(project: Path, buglab: Run) -> None:
    ran = buglab("mod.py", "--output-format", "concise")
    assert ran.exit_code == 1
    assert ran.stdout.startswith("mod.py:")
    assert ran.stdout.count("\n") == 1
    assert ran.stderr == "1 finding in 1 of 1 file.\n"


def test_nothing_found_is_0_and_says_so(project: Path, buglab: Run) -> None:
    (project / "mod.py").write_text("import os\n", encoding="utf-8")
    ran = buglab()
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "No findings in 1 file.\n")
    assert buglab("-q").stderr == ""


def test_exit_zero(project: Path, buglab: Run) -> None:
    assert buglab("--exit-zero").exit_code == 0
    assert buglab("--exit-zero", "absent.py").exit_code == 2


def test_the_models_threshold_is_the_default(project: Path, buglab: Run) -> None:
    (confidence,) = [entry["confidence"] for entry in records(buglab("--output-format", "json").stdout)]
    ran = buglab("--output-format", "json", threshold=None)
    assert (ran.exit_code, len(records(ran.stdout))) == ((1, 1) if confidence >= 0.5 else (0, 0))


def test_a_file_that_does_not_parse_counts_and_the_rest_is_scanned(project: Path, buglab: Run) -> None:
    (project / "bad.py").write_text("def (:\n", encoding="utf-8")
    ran = buglab("--output-format", "json")
    assert ran.exit_code == 1
    assert [entry["filename"] for entry in records(ran.stdout)] == ["bad.py", "mod.py"]
    assert records(ran.stdout)[0]["code"] == "BL000"
    assert len(records(buglab("--output-format", "json", threshold="1").stdout)) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.py"], "buglab: no such file or folder: absent.py"),
        (["--select", "BL10x"], "buglab: no rule is called 'BL10x'"),
        (["--ignore", "BL202x,BL1"], "buglab: no rule is called 'BL202x'"),
        (["--model", "absent"], "buglab: no model folder at absent"),
        (["--config", "absent.toml"], "buglab: cannot read the configuration"),
        (["--min-confidence", "1.1"], "1.1 is not in the range"),
        (["--min-confidence", "nan"], "nan is not a number from 0 to 1"),
        (["--output-format", "jsn"], "'jsn' is not one of"),
        (["--no-such-flag"], "No such option"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--isolated", "--config", "x.toml"], "--isolated and --config exclude each other"),
        (["-", "mod.py"], "cannot be scanned together with other paths"),
        (["--stdin-filename", "x.py"], "only makes sense with the path `-`"),
        (["-o", "absent/report.json"], "buglab: cannot write"),
    ],
)
def test_what_cannot_be_done_is_2_with_a_sentence(project: Path, buglab: Run, arguments: list[str], sentence: str) -> None:
    ran = buglab(*arguments)
    assert ran.exit_code == 2
    assert sentence in " ".join(ran.stderr.split())
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


def test_configuration_is_read_and_flags_overrule_it(project: Path, buglab: Run) -> None:
    table = '[tool.buglab]\noutput-format = "json"\nmin-confidence = 1.0\nignore = ["BL1"]\n'
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert records(buglab(threshold=None).stdout) == []
    assert {entry["code"][:3] for entry in records(buglab().stdout)} & {"BL1"} == set()
    assert "mod.py:" in buglab("--isolated", "--output-format", "concise").stdout
    (project / "pyproject.toml").write_text("[tool.buglab]\nselct = []\n", encoding="utf-8")
    ran = buglab()
    assert ran.exit_code == 2
    assert "unknown key 'selct' in [tool.buglab]; did you mean 'select'?" in ran.stderr
    assert buglab("--isolated").exit_code == 1


def test_suppressed_findings_are_only_in_json_and_do_not_count(project: Path, buglab: Run) -> None:
    (project / "mod.py").write_text("# buglab: file-ignore\n" + TEXT, encoding="utf-8")
    ran = buglab("--output-format", "json")
    assert ran.exit_code == 0
    assert [entry["suppressed"] for entry in records(ran.stdout)] == [True]
    assert ran.stderr == "No findings in 1 file (1 suppressed).\n"
    assert buglab().stdout == ""


def test_unused_suppressions_are_told_with_v(project: Path, buglab: Run) -> None:
    (project / "mod.py").write_text("import os  # buglab: ignore[BL101]\n", encoding="utf-8")
    assert "mod.py:1: unused suppression of BL101\n" in buglab("-v").stderr
    assert buglab().stderr == "No findings in 1 file (1 idle comment, -v shows them).\n"
    assert buglab("--select", "BL2").stderr == "No findings in 1 file.\n"


def test_standard_input(project: Path, buglab: Run) -> None:
    ran = buglab("-", "--stdin-filename", "pkg/new.py", "--output-format", "json", data=TEXT.encode())
    (found,) = records(ran.stdout)
    assert (ran.exit_code, found["filename"]) == (1, "pkg/new.py")
    assert records(buglab("-", "--output-format", "json", data=b"").stdout) == []
    (broken,) = records(buglab("-", "--output-format", "json", data=b"(").stdout)
    assert (broken["code"], broken["filename"]) == ("BL000", "<stdin>")


def test_the_fingerprint_is_the_same_from_wherever_it_is_scanned(
    project: Path, buglab: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pkg").mkdir()
    (project / "mod.py").rename(project / "pkg" / "mod.py")
    (first,) = records(buglab("--output-format", "json").stdout)
    monkeypatch.chdir(project / "pkg")
    (second,) = records(buglab("mod.py", "--output-format", "json").stdout)
    (third,) = records(buglab("-", "--stdin-filename", "mod.py", "--output-format", "json", data=TEXT.encode()).stdout)
    assert first["fingerprint"] == second["fingerprint"] == third["fingerprint"]
    assert (first["filename"], second["filename"]) == ("pkg/mod.py", "mod.py")


def test_report_to_a_file(project: Path, buglab: Run) -> None:
    ran = buglab("--output-format", "json", "-o", "report.json")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert len(records((project / "report.json").read_text(encoding="utf-8"))) == 1
    assert sorted(path.name for path in project.iterdir()) == ["mod.py", "pyproject.toml", "report.json"]


def test_most_confident_findings_first_come_but_stay_in_order(project: Path, buglab: Run) -> None:
    for name in "abcde":
        (project / f"{name}.py").write_text(
            TEXT.replace("index", f"index_{name}").replace("pick", f"pick_{name}"), encoding="utf-8"
        )
    every = records(buglab("--output-format", "json").stdout)
    assert len(every) == 6
    least = sorted(entry["confidence"] for entry in every)[-2]
    ran = buglab("--output-format", "json", "--max-findings", "2")
    assert ran.exit_code == 1
    assert [entry["filename"] for entry in records(ran.stdout)] == [e["filename"] for e in every if e["confidence"] >= least]
    assert buglab("--max-findings", "0", "-q").output == ""


def test_statistics(project: Path, buglab: Run) -> None:
    (project / "bad.py").write_text("def (:\n", encoding="utf-8")
    counted = json.loads(buglab("--statistics", "--output-format", "json").stdout)
    assert {"code": "BL000", "name": "not-analysed", "count": 1} in counted
    assert "     1  BL000  not-analysed\n" in buglab("--statistics").stdout


def test_show_files_needs_no_model(project: Path, buglab: Run) -> None:
    (project / "venv").mkdir()
    (project / "venv" / "x.py").touch()
    ran = buglab("--show-files", "--model", "absent")
    assert (ran.exit_code, ran.stdout) == (0, "mod.py\n")
    assert buglab("--show-files", "--exclude", "mod.py").stdout == "venv/x.py\n"


def test_no_python_files_is_a_warning(project: Path, buglab: Run) -> None:
    (project / "mod.py").unlink()
    ran = buglab()
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "warning: there are no Python files to scan here" in ran.stderr


def test_colours(project: Path, buglab: Run) -> None:
    assert "\x1b[" in buglab("--color", "always").stdout
    assert "\x1b[" not in buglab("--color", "never").stdout
    assert "\x1b[" not in buglab().stdout
