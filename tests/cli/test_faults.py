"""Inputs that do what they should not: files that vanish, folders in circles, repositories that want to be run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.files import find_files
from buglab.scan.project import Projects

from ..scan.repository import Repository
from .conftest import TEXT, command
from .test_process import TRAP


def test_a_file_that_vanishes_is_a_finding_and_the_rest_is_scanned(project: Path, model: Path) -> None:
    for name in "abc":
        (project / f"{name}.py").write_text(TEXT, encoding="utf-8")
    settings = Settings(root=project, model=model, min_confidence=0.0)
    for _ in range(2):  # the second time the others are in the cache
        files = find_files([project], settings)
        (project / "b.py").unlink()
        reports = list(Engine.prepare(settings).scan(files))
        assert [[one.code for one in report.findings][:1] == ["BL000"] for report in reports] == [False, True, False, False]
        assert "No such file" in reports[1].findings[0].message
        (project / "b.py").write_text(TEXT, encoding="utf-8")


def test_a_file_that_changes_before_it_is_analysed_is_kept_as_what_was_analysed(project: Path, model: Path) -> None:
    settings = Settings(root=project, model=model, min_confidence=0.0)
    files = find_files([project / "mod.py"], settings)
    engine = Engine.prepare(settings)
    known = engine._known(files, Projects(engine.outlines))
    assert known == {}
    (project / "mod.py").write_text("import os\n", encoding="utf-8")
    assert [report.findings for report in engine._analysed(files)] == [()]
    (project / "mod.py").write_text(TEXT, encoding="utf-8")
    (report,) = Engine.prepare(settings).scan(files)
    assert [finding.function for finding in report.findings] == ["pick"]


def test_pipes_are_read_once_and_by_a_process_that_may_hang(project: Path, model: Path) -> None:
    os.mkfifo(project / "pipe")
    given = ["scan", "--model", str(model), "--min-confidence", "0", "--output-format", "concise", "pipe"]
    process = subprocess.Popen(
        [sys.executable, "-m", "buglab", *given], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    (project / "pipe").write_text(TEXT, encoding="utf-8")
    stdout, stderr = process.communicate(timeout=120)
    assert stdout.startswith("pipe:"), stderr


def test_folders_in_circles_end(project: Path, model: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "up").symlink_to(project)
    (project / "deep" / "self.py").symlink_to("self.py")
    ran = command("scan", "--model", str(model), "--min-confidence", "0", "--output-format", "json", cwd=project)
    assert [entry["filename"] for entry in json.loads(ran.stdout)] == ["mod.py"]


def test_two_runs_at_once_on_one_cache(project: Path, model: Path, cache_folder: Path) -> None:
    for number in range(30):
        (project / f"m{number}.py").write_text(TEXT.replace("pick", f"pick_{number}"), encoding="utf-8")
    given = ["scan", "--model", str(model), "--min-confidence", "0", "--output-format", "json"]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "buglab", *given], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [run.communicate() for run in runs]
    assert said[0][0] == said[1][0]
    assert all("warning" not in stderr for _, stderr in said)
    assert len(json.loads(said[0][0])) == 31
    assert (cache_folder / "scan.sqlite").exists()


def test_a_repository_that_wants_to_be_run_is_only_read(project: Path, model: Path) -> None:
    """Modules with the names of ours and of others', a monitor and filters for git, a cache and an environment of its own."""
    repository = Repository.make(project)
    repository.commit()
    trace = project.parent / "trace"
    for name in ("models", "conf", "numpy", "sqlite3"):
        (project / name).mkdir()
        (project / name / "__init__.py").write_text(TRAP, encoding="utf-8")
    for name in ("torch", "sitecustomize", "usercustomize", "platformdirs", "hashlib", "tomllib", "pathspec", "pty"):
        (project / f"{name}.py").write_text(TRAP, encoding="utf-8")
    program = project / "run.sh"
    program.write_text(f"#!/bin/sh\ntouch {trace}\n", encoding="utf-8")
    program.chmod(0o755)
    (project / ".gitattributes").write_text("*.py filter=trap diff=trap\n", encoding="utf-8")
    for key in ("core.fsmonitor", "filter.trap.clean", "filter.trap.process", "diff.trap.textconv", "diff.external"):
        repository.git("config", key, str(program))
    (project / "git").symlink_to(program)
    given = ["scan", "--model", str(model), "--min-confidence", "0", "--output-format", "json", "--diff-base", "HEAD"]
    environment = {"PATH": os.environ["PATH"]}
    for extra in ([], ["--diff"], ["-j", "2"]):
        ran = command(*given, *extra, cwd=project, env=environment)
        assert b"EXECUTED" not in ran.stdout + ran.stderr
        assert b"Traceback" not in ran.stderr
        assert ran.returncode in (0, 1), ran.stderr
    assert not trace.exists()
