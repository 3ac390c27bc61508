"""Repositories with a history, made by git itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CLAMP = """\
def clamp(value, low, high):
    if value < low:
        return low
    return min(value, high)
"""


class History:
    """A repository that tests commit to."""

    def __init__(self, path: Path, origin: str = "https://github.com/someone/sorter.git") -> None:
        self.path = path
        self.time = 1_600_000_000
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        if origin:
            self.git("remote", "add", "origin", origin)

    def git(self, *arguments: str) -> str:
        self.time += 60
        who = {
            f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in (("NAME", "A"), ("EMAIL", "a@b"))
        }
        when = {"GIT_AUTHOR_DATE": f"{self.time} +0000", "GIT_COMMITTER_DATE": f"{self.time} +0000"}
        alone = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", "-C", str(self.path), *arguments]
        return subprocess.run(
            command, env={**os.environ, **who, **when, **alone}, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message: str, files: dict[str, str]) -> str:
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "clone")
