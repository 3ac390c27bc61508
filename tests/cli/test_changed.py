"""``buglab scan`` on what changed, with repairs, trials and settings for some paths."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import Result

from ..scan.repository import Repository
from .conftest import TEXT, command, records

Run = Callable[..., Result]
PLANTED = Path(__file__).resolve().parents[1] / "planted" / "wrong.py"
SMALL = PLANTED.read_text(encoding="utf-8")[:400]
"""Few functions, one of them with a bug that the embedded detector finds."""

ENOUGH = ["--min-confidence", "0.3"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--diff-base", "HEAD", "--staged"], "--diff-base and --staged exclude each other"),
        (["--diff", "--fix"], "--diff and --fix exclude each other"),
        (["--fix", "--verify", "true"], "--fix and --verify exclude each other"),
        (["-", "--fix"], "standard input and --fix exclude each other"),
        (["-", "--watch"], "standard input and --watch exclude each other"),
        (["--watch", "--verify", "true"], "--watch and --verify exclude each other"),
        (["--per-file-ignores", "tests"], "'tests' is not PATTERN:RULE"),
        (["--per-file-ignores", "tests:BL9"], "no rule is called 'BL9' (in per-file-ignores)"),
        (["--per-file-min-confidence", "tests:2"], "'tests:2' is not PATTERN:P with P from 0 to 1"),
        (["--extend-select", "BL9"], "no rule is called 'BL9' (in extend-select)"),
        (["--cache-dir", "mod.py"], "the cache folder mod.py is a file"),
        (["--diff-base", "HEAD"], "is in no git repository with a working tree"),
        (["--verify", "no-such-program"], "there is no program 'no-such-program'"),
        (["--verify-timeout", "0"], "0.0 is not in the range"),
        (["--diff-bsae", "HEAD"], "No such option"),
    ],
)
def test_what_cannot_be_done_is_2_with_a_sentence(
    project: Path, buglab: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    ran = buglab(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert sentence in " ".join(ran.stderr.split())
    assert (project / "mod.py").read_text(encoding="utf-8") == TEXT


def test_settings_for_some_paths(project: Path, buglab: Run) -> None:
    (project / "tests").mkdir()
    shutil.copy("mod.py", "tests/test_mod.py")
    assert [entry["filename"] for entry in records(buglab("--output-format", "json").stdout)] == ["mod.py", "tests/test_mod.py"]
    flags = ["--output-format", "json", "--per-file-ignores", "tests/**:BL1,tests/**:BL", "--per-file-ignores", "docs:BL2"]
    assert [entry["filename"] for entry in records(buglab(*flags).stdout)] == ["mod.py"]
    flags = ["--output-format", "json", "--per-file-min-confidence", "/mod.py:1"]
    assert [entry["filename"] for entry in records(buglab(*flags).stdout)] == ["tests/test_mod.py"]
    (project / "pyproject.toml").write_text(
        '[tool.buglab]\nforce-exclude = true\nextend-exclude = ["tests"]\n[tool.buglab.per-file-min-confidence]\n"mod*" = 1.0\n'
    )
    assert records(buglab("--output-format", "json", "mod.py", "tests/test_mod.py", "tests").stdout) == []
    ran = buglab("--output-format", "json", "--no-force-exclude", "mod.py", "tests/test_mod.py")
    assert [entry["filename"] for entry in records(ran.stdout)] == ["tests/test_mod.py"]
    (project / "pyproject.toml").write_text('[tool.buglab]\nper-file-ignore = {"a" = ["BL1"]}\n')
    assert "unknown key 'per-file-ignore' in [tool.buglab]; did you mean 'per-file-ignores'?" in buglab().stderr


def test_show_settings_is_toml_that_can_be_read_again(project: Path, buglab: Run) -> None:
    table = '[tool.buglab]\nselect = ["BL1"]\nper-file-ignores = {"tests/**" = ["BL3", "BL4"]}\nmodel = "m"\n'
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    ran = buglab("--show-settings", "--no-cache", "--extend-exclude", "a,b")
    assert ran.exit_code == 0
    assert ran.stdout.startswith(f"# from {project / 'pyproject.toml'} and the flags")
    shown = tomllib.loads(ran.stdout)["tool"]["buglab"]
    assert shown["per-file-ignores"] == {"tests/**": ["BL3", "BL4"]}
    assert (shown["select"], shown["extend-exclude"], shown["cache"]) == (["BL1"], ["a", "b"], False)
    (project / "pyproject.toml").write_text(ran.stdout, encoding="utf-8")
    again = tomllib.loads(buglab("--show-settings").stdout)["tool"]["buglab"]
    assert {**again, "output-format": ""} == {**shown, "output-format": ""}


def test_the_cache_is_where_it_is_told_to_be(project: Path, buglab: Run, cache_folder: Path) -> None:
    first = buglab("--output-format", "json", "--cache-dir", "kept")
    assert (project / "kept" / "scan.sqlite").exists()
    (project / "kept" / "scan.sqlite").write_bytes(b"damaged")
    again = buglab("--output-format", "json", "--cache-dir", "kept")
    assert (again.exit_code, again.stdout) == (first.exit_code, first.stdout)
    assert "warning: the cache" in again.stderr
    assert not cache_folder.exists()
    buglab("--no-cache")
    assert not cache_folder.exists()
    buglab()
    assert (cache_folder / "scan.sqlite").exists()


def test_only_what_changed(project: Path, buglab: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository.make(project)
    repository.commit()
    ran = buglab("--diff-base", "HEAD")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "No findings in 0 files.\n")
    assert buglab("--staged").exit_code == 1, "no commit is being made, so everything counts"
    (project / "new.py").write_text(TEXT.replace("pick", "choose"), encoding="utf-8")
    (found,) = records(buglab("--diff-base", "HEAD", "--output-format", "json").stdout)
    assert (found["filename"], found["function"]) == ("new.py", "choose")
    repository.git("add", "new.py")
    assert [entry["filename"] for entry in records(buglab("--staged", "--output-format", "json").stdout)] == ["new.py"]
    repository.commit()
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    assert [entry["filename"] for entry in records(buglab("--staged", "--output-format", "json").stdout)] == ["new.py"]
    text = TEXT.replace("pick", "select").encode()
    (found,) = records(
        buglab("-", "--stdin-filename", "mod.py", "--diff-base", "HEAD", "--output-format", "json", data=text).stdout
    )
    assert found["function"] == "select"


def test_repairs_are_shown_refused_and_applied(project: Path) -> None:
    path = project / "mod.py"
    path.write_text(SMALL, encoding="utf-8")
    shown = command("scan", *ENOUGH, "--diff", cwd=project)
    assert shown.returncode == 1
    assert shown.stdout.startswith(b"--- mod.py\n+++ mod.py\n@@ ")
    assert b"1 repair would be applied in 1 file" in shown.stderr
    refused = command("scan", *ENOUGH, "--fix", cwd=project)
    assert (refused.returncode, b"Nothing is repaired: a learnt repair is a proposal" in refused.stderr) == (1, True)
    assert path.read_text(encoding="utf-8") == SMALL
    applied = command("scan", *ENOUGH, "--fix", "--unsafe-fixes", "-o", "report.txt", cwd=project)
    assert b"1 repair applied in 1 file" in applied.stderr
    patched = subprocess.run(["patch", "-R", "-s", "mod.py"], cwd=project, input=shown.stdout, check=True, capture_output=True)
    assert (patched.returncode, path.read_text(encoding="utf-8")) == (0, SMALL), "the diff is what --fix did"


def test_trials_are_in_every_report(project: Path) -> None:
    (project / "mod.py").write_text(SMALL, encoding="utf-8")
    (project / "check.py").write_text("from mod import Rectangle\nassert Rectangle(2, 3).area() == 6\n", encoding="utf-8")
    given = ["scan", *ENOUGH, "--verify", f"{sys.executable} check.py", "mod.py", "-j", "1"]
    (found,) = records(command(*given, "--output-format", "json", cwd=project).stdout.decode())
    assert found["verification"] == {
        "verdict": "confirmed",
        "reason": "with the repair the command passes that failed",
        "fixed": ["the command"],
        "broken": [],
        "group": 1,
    }
    full = command(*given, cwd=project)
    assert b"= confirmed: with the repair the command passes that failed" in full.stdout
    assert b"the unchanged tree: 0 passed, 1 failed" in full.stderr
    assert sorted(path.name for path in project.iterdir()) == ["check.py", "mod.py", "pyproject.toml"]


def test_watching_scans_again_after_a_change_and_ends_with_130(project: Path, model: Path) -> None:
    given = ["--model", str(model), "--min-confidence", "0", "--output-format", "concise", "--watch", "--no-cache"]
    leader, follower = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "buglab", "scan", *given], cwd=project, stdout=follower, stderr=follower)
    os.close(follower)

    def until(mark: bytes) -> bytes:
        said = b""
        while mark not in said:
            said += os.read(leader, 4096)
        return said

    first = until(b"Ctrl-C ends it")
    assert first.startswith(b"\x1b[2J")
    assert b"mod.py:" in first
    (project / "mod.py").write_text("import os\n", encoding="utf-8")
    assert b"No findings in 1 file" in until(b"Ctrl-C ends it")
    (project / "pyproject.toml").write_text("[tool.buglab]\nselct = []\n", encoding="utf-8")
    assert b"did you mean 'select'?" in until(b"select'?")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    rest = b""
    with suppress(OSError):  # the terminal is gone with the process
        while piece := os.read(leader, 4096):
            rest += piece
    assert b"Traceback" not in rest
    os.close(leader)
