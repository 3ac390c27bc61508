"""Repairs: only what then scores clean, only their own range, whole files at any moment."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.files import File, find_files
from buglab.scan.judge import FileReport
from buglab.scan.repair import Repaired, edited, repair, write

PLANTED = Path(__file__).resolve().parents[1] / "planted" / "wrong.py"
SMALL = PLANTED.read_text(encoding="utf-8")[:400]
"""Few functions, one of them with a bug that the embedded detector finds."""

ENOUGH = 0.3
"""A confidence that the embedded detector has in some of the planted bugs."""


def settings(folder: Path) -> Settings:
    return Settings(root=folder, min_confidence=ENOUGH)


def tried(path: Path) -> tuple[Repaired, Engine]:
    engine = Engine.prepare(settings(path.parent))
    files = find_files([path], settings(path.parent))
    (one,) = repair(engine, files, list(engine.scan(files)))
    return one, engine


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    return Path(shutil.copy(PLANTED, tmp_path / "wrong.py"))


def test_each_applied_repair_changes_its_range_and_leaves_its_function_clean(wrong: Path) -> None:
    before = wrong.read_text(encoding="utf-8")
    one, engine = tried(wrong)
    assert one.applied
    assert wrong.read_text(encoding="utf-8") == before, "nothing is written"
    text = before
    for finding in one.applied:
        assert finding.confidence >= ENOUGH
        changed = edited(text, finding)
        ast.parse(changed)
        assert changed.count("\n") == text.count("\n")
        assert sum(a != b for a, b in zip(changed.splitlines(), text.splitlines(), strict=True)) == 1
        text = changed
    assert one.after.decode() == text
    assert write(one)
    (report,) = engine.scan(find_files([wrong], settings(wrong.parent)))
    left = {finding.function for finding in report.findings}
    assert report.findings == one.report.findings
    assert not left & {finding.function for finding in one.applied}
    assert left <= {finding.function for finding in one.refused}


def test_what_the_threshold_or_a_comment_leaves_out_is_not_repaired(wrong: Path) -> None:
    wrong.write_text("# buglab: file-ignore\n" + wrong.read_text(encoding="utf-8"), encoding="utf-8")
    engine = Engine.prepare(settings(wrong.parent))
    files = find_files([wrong], settings(wrong.parent))
    reports = list(engine.scan(files))
    assert reports[0].findings
    assert repair(engine, files, reports) == []


def test_where_something_always_scores_no_repair_is_kept(wrong: Path) -> None:
    wrong.write_text(SMALL, encoding="utf-8")
    told = Settings(root=wrong.parent, min_confidence=0.0)
    engine = Engine.prepare(told)
    files = find_files([wrong], told)
    reports = list(engine.scan(files))
    (one,) = repair(engine, files, reports)
    assert (one.applied, one.after) == ([], one.before)
    assert len(one.refused) == len(reports[0].findings)


@pytest.mark.parametrize(
    ("newline", "mark", "encoding"),
    [("\n", b"", "latin-1"), ("\r\n", b"", "latin-1"), ("\r\n", b"\xef\xbb\xbf", "utf-8"), ("\r", b"", "utf-8")],
)
def test_encoding_mark_newlines_and_the_last_line_stay(tmp_path: Path, newline: str, mark: bytes, encoding: str) -> None:
    text = f"# -*- coding: {encoding} -*-\n# größe\n" + SMALL + "\n\n\nlast = 'é'"
    path = tmp_path / "mod.py"
    path.write_bytes(mark + text.replace("\n", newline).encode(encoding))
    before = path.read_bytes()
    one, _ = tried(path)
    assert one.applied
    assert write(one)
    after = path.read_bytes()
    assert after.startswith(mark + f"# -*- coding: {encoding} -*-{newline}# größe{newline}".encode(encoding))
    assert after.endswith("last = 'é'".encode(encoding))
    assert after.count(b"\r") == before.count(b"\r")
    assert after.count(b"\n") == before.count(b"\n")


def repaired(path: Path, after: bytes) -> Repaired:
    return Repaired(File(path, path.name, path.name), path.read_bytes(), after, FileReport(path.name))


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    target = tmp_path / "real" / "mod.py"
    target.parent.mkdir()
    target.write_bytes(b"x = 1\n")
    target.chmod(0o750)
    link = tmp_path / "link.py"
    link.symlink_to(target)
    assert write(repaired(link, b"x = 2\n"))
    assert link.is_symlink()
    assert target.read_bytes() == b"x = 2\n"
    assert target.stat().st_mode & 0o7777 == 0o750
    assert [path.name for path in target.parent.iterdir()] == ["mod.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mod.py"
    path.write_bytes(b"x = 1\n")
    one = repaired(path, b"x = 2\n")
    path.write_bytes(b"x = 3\n")
    assert not write(one)
    assert (path.read_bytes(), one.problem) == (b"x = 3\n", "it was changed meanwhile; scan it again")
    path.unlink()
    assert not write(one)
    assert "No such file" in one.problem
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mod.py"
    path.write_bytes(b"x = 1\n")
    one = repaired(path, b"x = 2\n")
    one.file = File(Path("/proc/self/comm"), "comm", "comm")  # in a folder where no file can be made
    assert not write(one)
    assert one.problem.startswith("it cannot be written: ")
    one.file = File(Path("/proc/version"), "version", "version")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write everything
    assert not write(one)
    assert one.problem == "it is not to be written (see its permissions)"


def test_a_fix_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """The real command, killed as soon as it has written its first file."""
    before = SMALL.encode()
    paths = [tmp_path / f"m{number}.py" for number in range(12)]
    for path in paths:
        path.write_bytes(before)
    given = ["--isolated", "--min-confidence", str(ENOUGH), "--fix", "--unsafe-fixes", "-q"]
    process = subprocess.Popen([sys.executable, "-m", "buglab", "scan", *given], cwd=tmp_path, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while all(path.read_bytes() == before for path in paths):
        assert time.monotonic() < deadline
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    contents = {path.read_bytes() for path in paths}
    assert len(contents - {before}) == 1
    ast.parse((contents - {before}).pop())
    again = subprocess.run([sys.executable, "-m", "buglab", "scan", *given], cwd=tmp_path, capture_output=True, check=False)
    assert again.returncode in (0, 1), again.stderr
    assert {path.read_bytes() for path in paths} == contents - {before}
