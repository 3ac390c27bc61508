"""Real files of the standard library, and corpora built from them."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from buglab.data.config import CorpusConfig
from buglab.data.corpus import build
from buglab.data.heldout import Guard

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = ["heapq.py", "textwrap.py", "shlex.py", "bisect.py", "json/decoder.py", "fnmatch.py"]


@pytest.fixture(scope="session")
def guard() -> Guard:
    return Guard.load()


@pytest.fixture
def buglab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUGLAB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def small(folder: Path, **settings: object) -> CorpusConfig:
    """A few modules of the standard library in several shards."""
    known = {
        "name": "small",
        "stdlib": True,
        "stdlib_only": MODULES,
        "valid": ["cpython/shlex"],
        "test": ["cpython/bisect"],
        "shard_bytes": 20_000,
        "workers": 1,
        "output": str(folder),
    }
    return CorpusConfig(**{**known, **settings})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished corpus.  Tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("corpus")
    build(small(folder))
    return folder
