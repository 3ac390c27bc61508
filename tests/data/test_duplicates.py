from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from buglab.data.corpus import build
from buglab.data.dataset import Corpus
from buglab.data.duplicates import NearIndex
from buglab.data.functions import sign
from buglab.data.heldout import Guard
from buglab.data.tokens import shingles, tokens

from .conftest import STDLIB, small

TEXT = (STDLIB / "textwrap.py").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One module, a copy with other comments, and a copy with one name changed in its longest function."""
    root = tmp_path / "code"
    for name, text in {
        "a.py": TEXT,
        "b.py": re.sub("^( *)def ", r"\1# a comment\n\1def ", TEXT, flags=re.MULTILINE),
        "c.py": TEXT.replace("has_splittable_chunk = ", "other = ").replace("def dedent", "def dedented"),
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def records(output: Path, split: str = "train") -> list[tuple[str, str]]:
    graphs = Corpus(output).split(split)
    return [(graphs.provenance(i)[1], graphs.record(i).name) for i in range(len(graphs))]


def test_exact_and_near_duplicates_are_removed_and_counted(folder: Path, tmp_path: Path) -> None:
    settings = {"stdlib": False, "folders": [str(folder)], "valid": [], "test": []}
    exact = build(small(tmp_path / "exact", near_duplicates=False, **settings))
    assert exact.functions_dropped["exact duplicates"] > 10
    assert {path for path, _ in records(tmp_path / "exact")} == {"a.py", "c.py"}
    assert ("c.py", "dedented") in records(tmp_path / "exact")
    near = build(small(tmp_path / "near", **settings))
    assert near.functions_dropped["near duplicates"] >= 1
    assert ("c.py", "dedented") not in records(tmp_path / "near")


def test_what_judges_keeps_its_copy(folder: Path, tmp_path: Path) -> None:
    settings = {"stdlib": False, "folders": [str(folder)], "valid": [], "test": ["code/b"]}
    build(small(tmp_path / "out", **settings))
    assert {path for path, _ in records(tmp_path / "out", "test")} == {"b.py"}
    assert not {name for path, name in records(tmp_path / "out") if path == "a.py"}


def test_fingerprints_that_came_later_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list may grow after a shard was made: the corpus is cleaned without making the shard again."""
    config = small(tmp_path / "out")
    before = build(config).functions_dropped.get("held out", 0)
    shards = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.shard")}
    graphs = Corpus(tmp_path / "out").split("train")
    known = [graphs.record(i).digest for i in range(len(graphs)) if graphs.provenance(i)[1] == "heapq.py"]
    guard = Guard.parse("", known)
    monkeypatch.setattr(Guard, "load", lambda: guard)
    report = build(config)
    assert report.functions_dropped["held out"] == before + len(known) > before
    assert "heapq.py" not in {path for path, _ in records(tmp_path / "out")}
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.shard")} == shards


def test_near_duplicates_are_found_as_their_similarity_asks() -> None:
    pieces, generator = tokens(TEXT), np.random.default_rng(0)
    found: dict[bool, list[bool]] = {True: [], False: []}
    for changes in [1, 2, 20, 40] * 10:
        start = int(generator.integers(len(pieces) - 300))
        one = pieces[start : start + 300]
        other = list(one)
        for at in generator.integers(300, size=changes):
            other[at] = f"changed{at}"
        a, b = set(shingles(one).tolist()), set(shingles(other).tolist())
        similar = len(a & b) / len(a | b)
        index = NearIndex(0.85)
        assert not index.seen(sign(one))
        if similar > 0.92 or similar < 0.7:
            found[similar > 0.92].append(index.seen(sign(other)))
    assert np.mean(found[True]) > 0.9
    assert np.mean(found[False]) < 0.1
    assert min(map(len, found.values())) >= 10
