"""What the tests of the command line share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from buglab.cli.main import group

from ..scan.exported import export_untrained

TEXT = """\
def pick(items, index, default):
    if index < len(items) and items:
        return items[index]
    return default
"""


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an exported, untrained detector."""
    return export_untrained(tmp_path_factory.mktemp("exported") / "model")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that has one function; it is the working directory."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    (tmp_path / "mod.py").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def buglab(model: Path) -> Callable[..., Result]:
    """Calls ``buglab scan`` with the untrained detector at threshold 0, in this process."""

    def run(*arguments: str, threshold: str | None = "0", data: bytes | None = None) -> Result:
        given = ["--model", str(model), *(["--min-confidence", threshold] if threshold else [])]
        return CliRunner().invoke(group, ["scan", *given, *arguments], input=data)

    return run


def command(*arguments: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs ``python -m buglab`` in another process."""
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "buglab", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
        **options,
    )


def records(text: str) -> list[dict[str, Any]]:
    """The findings of a JSON report."""
    found: list[dict[str, Any]] = json.loads(text)
    return found
