from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from buglab.data.dataset import Corpus, GraphStream, Position, Split
from buglab.data.header import DamagedShard, SchemaMismatch
from buglab.data.subset import subset
from buglab.graph.schema import CodeGraph


def same(a: CodeGraph, b: CodeGraph) -> bool:
    return np.array_equal(a.cells, b.cells) and np.array_equal(a.label, b.label) and np.array_equal(a.texts, b.texts)


def take(stream: GraphStream, count: int) -> list[CodeGraph]:
    return list(itertools.islice(iter(stream), count))


@pytest.fixture
def copied(corpus: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corpus, tmp_path / "copied"))


def test_splits_are_by_project(corpus: Path) -> None:
    opened = Corpus(corpus)
    paths = {
        name: {opened.split(name).provenance(i)[1] for i in range(len(opened.split(name)))}
        for name in ("train", "valid", "test")
    }
    assert paths["valid"] == {"shlex.py"}
    assert paths["test"] == {"bisect.py"}
    assert paths["train"] == {"heapq.py", "textwrap.py", "json/decoder.py", "fnmatch.py"}


def test_an_epoch_is_a_permutation(corpus: Path) -> None:
    stream = GraphStream(corpus, seed=3)
    graphs = Corpus(corpus).split("train")
    epoch = take(stream, len(stream))
    assert stream.position == Position(0, len(stream))
    order = stream.order(0)
    assert sorted(order.tolist()) == list(range(len(graphs)))
    assert all(same(graph, graphs[int(i)]) for graph, i in zip(epoch, order, strict=True))
    assert stream.order(1).tolist() != order.tolist() != GraphStream(corpus, seed=4).order(0).tolist()


@pytest.mark.parametrize("by_sites", [0.0, 1.0])
@pytest.mark.parametrize("taken", [0, 1, 50, 200])
def test_a_stream_resumes_with_the_very_next_graph(corpus: Path, taken: int, by_sites: float) -> None:
    first = GraphStream(corpus, seed=1, by_sites=by_sites)
    take(first, taken)
    stored = msgspec.json.decode(msgspec.json.encode(first.position), type=Position)
    resumed = GraphStream(corpus, seed=1, position=stored, by_sites=by_sites)
    assert all(same(a, b) for a, b in zip(take(first, 60), take(resumed, 60), strict=True))


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_functions_are_drawn_by_their_sites(corpus: Path, power: float) -> None:
    stream = GraphStream(corpus, seed=3, by_sites=power)
    graphs = Corpus(corpus).split("train")
    sites = np.array([graph.num_sites for graph in graphs])
    assert graphs.sites().tolist() == sites.tolist()
    taken = np.bincount(stream.order(0), minlength=len(graphs))
    wanted = len(graphs) * sites**power / (sites**power).sum()
    assert (np.abs(taken - wanted) < 1).all()
    assert taken.sum() == len(stream)
    assert taken.max() > 1
    assert stream.order(1).tolist() != stream.order(0).tolist() == GraphStream(corpus, seed=3, by_sites=power).order(0).tolist()


def test_replicas_share_an_epoch(corpus: Path) -> None:
    whole = GraphStream(corpus, seed=5)
    halves = [GraphStream(corpus, seed=5, rank=rank, world=2) for rank in range(2)]
    count = len(halves[0]) // 2
    pairs = zip(*(take(half, count) for half in halves), strict=True)
    assert all(same(a, b) for a, b in zip(take(whole, 2 * count), itertools.chain(*pairs), strict=True))


def test_code_that_two_corpora_share_is_taken_once_from_the_last(corpus: Path, copied: Path) -> None:
    once, twice = Split([Corpus(corpus)], "train"), Split([Corpus(corpus), Corpus(copied)], "train")
    assert len(once) == len(twice)
    assert twice.sizes == [0, len(once)]


@pytest.fixture
def hard(corpus: Path, tmp_path: Path) -> Path:
    """Every seventh function of the corpus."""
    whole = Corpus(corpus)
    return subset(whole, whole.rows("train")[::7], tmp_path / "hard", "hard")


def test_a_share_is_drawn_from_further_corpora(corpus: Path, hard: Path) -> None:
    stream = GraphStream([corpus, hard], more_share=0.4)
    first, further = stream.graphs.sizes
    assert further < first
    drawn = stream.order(0)
    assert abs((drawn >= first).sum() - 0.4 * len(drawn)) <= 1
    assert np.bincount(drawn)[first:].min() >= 0.4 * len(drawn) / further - 1


@pytest.mark.parametrize(("more", "share"), [(False, 0.4), (True, 1.5)])
def test_a_share_of_nothing_is_refused(corpus: Path, hard: Path, more: bool, share: float) -> None:
    with pytest.raises(ValueError, match=f"more_share is {share}: it must lie between 0 and 1"):
        GraphStream([corpus, hard] if more else corpus, more_share=share)


def test_a_split_without_graphs_is_refused(corpus: Path) -> None:
    with pytest.raises(ValueError, match="has 0 graphs"):
        GraphStream(corpus, split="other")
    with pytest.raises(IndexError, match="split 'valid' has"):
        Corpus(corpus).split("valid")[10**6]


def test_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no finished corpus"):
        Corpus(tmp_path)


def test_damage_is_refused_with_the_name_of_the_file(copied: Path) -> None:
    shard = sorted(copied.glob("*.shard"))[0]
    data = shard.read_bytes()
    shard.write_bytes(data[:-100])
    with pytest.raises(DamagedShard, match=shard.name):
        Corpus(copied)
    shard.unlink()
    with pytest.raises(DamagedShard, match="missing"):
        Corpus(copied)
    shard.write_bytes(data)
    Corpus(copied)
    (copied / "kept.npy").write_bytes(b"")
    with pytest.raises(DamagedShard, match=r"kept\.npy"):
        Corpus(copied)
    (copied / "corpus.json").write_text("{")
    with pytest.raises(DamagedShard, match=r"corpus\.json"):
        Corpus(copied)


def test_a_corpus_of_another_schema_is_refused(copied: Path) -> None:
    manifest = msgspec.json.decode((copied / "corpus.json").read_bytes())
    (copied / "corpus.json").write_bytes(msgspec.json.encode({**manifest, "schema_hash": "f" * 64}))
    with pytest.raises(SchemaMismatch, match="build the corpus again"):
        Corpus(copied)


def test_the_data_hash_tells_corpora_apart(corpus: Path, copied: Path) -> None:
    assert GraphStream(corpus).data_hash == GraphStream(copied).data_hash
    assert GraphStream(corpus).data_hash != GraphStream([corpus, copied]).data_hash
