"""A home with a small real corpus, and the settings of a run that takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from buglab.data.config import CorpusConfig
from buglab.data.corpus import build

TINY = [
    "corpus=folder",
    "corpus.name=tiny",
    "budget=small",
    "budget.nodes=1200",
    "network.hidden=16",
    "network.layers=2",
    "game.selector_hidden=8",
    "device=cpu",
    "device.threads=1",
    "limits.max_minutes=0",
    "limits.log_every=1",
    "valid_functions=8",
]
"""Overrides of a tiny run on the corpus of ``tiny_home``."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora") / "tiny"
    build(
        CorpusConfig(
            name="tiny",
            output=str(folder),
            stdlib=True,
            stdlib_only=["heapq.py", "textwrap.py", "shlex.py", "fnmatch.py", "csv.py", "bisect.py"],
            valid=["cpython/shlex", "cpython/textwrap"],
            test=["cpython/csv"],
            near_duplicates=False,
            shard_bytes=50_000,
            workers=1,
        )
    )
    return folder


@pytest.fixture
def tiny_home(tiny_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$BUGLAB_HOME with the corpus ``tiny``; everything a test writes stays in there."""
    home = tmp_path / "home"
    (home / "corpora").mkdir(parents=True)
    shutil.copytree(tiny_corpus, home / "corpora" / "tiny")
    monkeypatch.setenv("BUGLAB_HOME", str(home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return home


def only_run(home: Path, name: str) -> Path:
    """The folder of the one run called ``name``."""
    (run,) = (home / "runs").glob(f"*-{name}")
    return run
