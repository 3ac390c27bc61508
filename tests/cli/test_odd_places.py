"""Names, files and streams that are not what they usually are: each gets its sentence, or what it can be given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from buglab.cli.output import write_file

from .conftest import TEXT, records


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a line of shell in which ``$buglab`` is the command."""
    env = {**os.environ, "buglab": f"{sys.executable} -m buglab"}
    return subprocess.run(["sh", "-c", line], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120)


def test_a_report_into_a_pipe_leaves_it_one(project: Path, buglab: Callable[..., Result]) -> None:
    os.mkfifo(project / "pipe")
    reader = os.open(project / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(reader) as stream:
        assert buglab("--output-format", "json", "--output-file", "pipe", "mod.py").exit_code == 1
        assert len(records(stream.read())) == 1
    assert (project / "pipe").is_fifo()


def test_a_report_through_a_link_leaves_it_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    for text in ("one", "two"):
        write_file([text], tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_text() == text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


@pytest.mark.parametrize("flag", ["", "--output-file", "--config", "--model", "--cache-dir", "--baseline"])
def test_an_empty_name_is_not_the_working_directory(project: Path, buglab: Callable[..., Result], flag: str) -> None:
    ran = buglab(*([flag] if flag else []), "")
    assert ran.exit_code == 2
    assert "an empty name names nothing" in ran.stderr


def test_a_name_may_be_longer_than_any_file_has(project: Path, buglab: Callable[..., Result]) -> None:
    long = "a" * 5_000
    assert buglab(long).stderr.startswith("buglab: no such file or folder: aaa")
    ran = buglab("--stdin-filename", long, "--output-format", "json", "-", data=TEXT.encode())
    assert [found["filename"] for found in records(ran.stdout)] == [long]


@pytest.mark.parametrize("value", ["[" * 5_000 + "]" * 5_000, "9" * 5_000])
def test_a_configuration_beyond_all_measure_is_not_valid(project: Path, buglab: Callable[..., Result], value: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.buglab]\nselect = {value}\n", encoding="utf-8")
    ran = buglab()
    assert ran.exit_code == 2
    assert "pyproject.toml is not valid TOML: " in ran.stderr


def test_a_model_of_many_brackets_is_damaged(project: Path, buglab: Callable[..., Result]) -> None:
    (project / "model").mkdir()
    (project / "model" / "model.json").write_text("[" * 100_000, encoding="utf-8")
    ran = buglab("--model", "model")
    assert ran.exit_code == 2
    assert "model.json is damaged" in ran.stderr


def test_the_home_of_nobody(project: Path, buglab: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUGLAB_CACHE_DIR", "~nobody-of-that-name/cache")
    ran = buglab("mod.py")
    assert (ran.exit_code, ran.stderr.count("\n")) == (2, 1)
    assert "BUGLAB_CACHE_DIR is '~nobody-of-that-name/cache'" in ran.stderr


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    ran = shell("mkdir gone; cd gone; rmdir ../gone; $buglab scan", tmp_path)
    assert (ran.returncode, ran.stderr) == (2, "buglab: the working directory is gone; change to one that is there\n")


def test_closed_streams(tmp_path: Path) -> None:
    assert shell("$buglab rules >&- 2>&-", tmp_path).returncode == 0
    ran = shell("$buglab scan --isolated - <&-", tmp_path)
    assert ran.returncode == 2
    assert "standard input is closed" in ran.stderr
