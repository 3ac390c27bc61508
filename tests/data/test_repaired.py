"""The corpus of functions that commits repaired, from a real history to shards."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from buglab.data.config import CorpusConfig
from buglab.data.corpus import build
from buglab.data.dataset import Corpus
from buglab.data.mining import pairs as published
from buglab.data.mining.record import Fix
from buglab.graph.build import extract
from buglab.graph.delta import apply
from buglab.graph.schema import NULL
from buglab.rewrites.source import Source
from buglab.tests.data.mining.conftest import CLAMP, History

FIXED = CLAMP.replace("<", "<=")
OTHER = CLAMP.replace("value", "price")
LONG = "def long(a, b):\n" + "".join(f"    a{i} = a + b * {i}\n" for i in range(400)) + "    return a399 < b\n"


@pytest.fixture
def clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Histories of a project of each fold, whose fixes are published."""
    fixes = []
    for project, text in (("sympy/sympy", CLAMP), ("angr/angr", OTHER), ("beetbox/beets", CLAMP), ("numpy/numpy", LONG)):
        history = History(tmp_path / "clones" / project.replace("/", "+"), f"https://github.com/{project}.git")
        history.commit("begin", {"a.py": text})
        commit = history.commit("Fix", {"a.py": text.replace("<", "<=")})
        function, row = ("long", 402) if text == LONG else ("clamp", 2)
        fixes.append(Fix(project, commit, "a.py", function, "BL201", row, 14))
    fixes.append(Fix("sympy/sympy", "0" * 40, "a.py", "clamp", "BL201", 2, 14))
    (tmp_path / "fixes.jsonl").write_bytes(b"".join(msgspec.json.encode(fix) + b"\n" for fix in fixes))
    monkeypatch.setattr(published.load, "__defaults__", ((), tmp_path / "fixes.jsonl"))
    return tmp_path / "clones"


def test_each_graph_knows_its_bug(clones: Path, tmp_path: Path) -> None:
    config = CorpusConfig(name="fixes", output=str(tmp_path / "out"), clones=str(clones), node_limit=300, workers=1)
    report = build(config)
    corpus = Corpus(tmp_path / "out")
    found = {name: corpus.split(name) for name in ("train", "valid", "test")}
    assert {name: len(split) for name, split in found.items()} == {"train": 2, "valid": 1, "test": 0}
    assert report.functions_dropped["missing in the clone"] == 1
    clamp = next(graph for i, graph in enumerate(found["train"]) if found["train"].record(i).name == "clamp")
    (buggy,) = (unit.graph for unit in extract(Source.parse(CLAMP)) if unit.unit.name == "clamp")
    (fixed,) = (unit.graph for unit in extract(Source.parse(FIXED)) if unit.unit.name == "clamp")
    np.testing.assert_array_equal(clamp.label, fixed.label)
    np.testing.assert_array_equal(apply(clamp, clamp.bug).label, buggy.label)
    project, path = found["valid"].provenance(0)
    assert (project.name, path.partition("@")[0]) == ("angr/angr", "a.py")
    before = {shard.path: shard.path.stat().st_mtime_ns for shard in corpus.shards}
    build(config)
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_other_graphs_have_none(corpus: Path) -> None:
    assert {graph.bug for graph in Corpus(corpus).split("train")} == {NULL}


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="clones=/nowhere: there is no such folder"):
        build(CorpusConfig(output=str(tmp_path), clones="/nowhere"))
