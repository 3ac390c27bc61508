"""What the architecture tests look at: the files of the repository as they would be committed."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def repository_files() -> list[Path]:
    """Paths relative to the root: what git tracks, and what it would if one added everything."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(Path(name) for name in set(names) - {""} if (ROOT / name).is_file())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    return repository_files()


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def modules(files: list[Path]) -> dict[Path, ast.Module]:
    """Syntax trees of the project's own Python files, tests left out."""
    own = [path for path in files if path.suffix == ".py" and path.parts[0] not in ("tests", "benchmarks", ".ci")]
    return {path: ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path)) for path in own}
