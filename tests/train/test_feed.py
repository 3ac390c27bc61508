from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from buglab.data.dataset import GraphStream
from buglab.graph.pack import Budget
from buglab.train.errors import TrainError
from buglab.train.feed import Feed, batches

SMALL = Budget(nodes=900, blocks=60, block=64, texts=600, sites=400, options=3000, cells=20000, graphs=10)


def packed_labels(corpus: Path, budget: Budget, state: dict[str, object], count: int) -> list[tuple[bytes, dict[str, object]]]:
    made = batches(lambda position: GraphStream(corpus, "train", 3, position), budget, state)
    return [(batch.label.tobytes() + batch.chosen.tobytes(), after) for batch, after in islice(made, count)]


def test_continuing_after_any_batch_gives_the_same_batches(tiny_corpus: Path) -> None:
    whole = packed_labels(tiny_corpus, SMALL, {}, 12)
    for done in (1, 5, 9):
        assert packed_labels(tiny_corpus, SMALL, whole[done - 1][1], 12 - done) == whole[done:]


def test_every_graph_comes_once_an_epoch(tiny_corpus: Path) -> None:
    stream = GraphStream(tiny_corpus, "train", 3)
    graphs = len(stream)
    made = batches(lambda position: GraphStream(tiny_corpus, "train", 3, position), SMALL, {})
    seen, state = 0, {}
    for batch, state in made:
        seen += int(batch.graphs[0])
        if state["count"] >= 2 * graphs:
            break
    assert seen + len(state["waiting"]) + state["skipped"] == state["count"]


def test_what_can_never_fit_is_skipped_and_counted(tiny_corpus: Path) -> None:
    narrow = Budget(nodes=120, blocks=60, block=64, texts=600, sites=400, options=3000, cells=20000, graphs=10)
    made = batches(lambda position: GraphStream(tiny_corpus, "train", 3, position), narrow, {})
    assert next(state for _, state in made if state["skipped"])["skipped"] > 0


def test_nothing_fits_is_said(tiny_corpus: Path) -> None:
    nothing = Budget(nodes=2, blocks=1, block=1, texts=2, sites=2, options=2, cells=1, graphs=2)
    feed = Feed(lambda position: GraphStream(tiny_corpus, "train", 3, position), nothing)
    with pytest.raises(TrainError, match=r"raise budget\.nodes"):
        next(feed)
    feed.close()


def test_the_thread_hands_out_what_the_generator_makes(tiny_corpus: Path) -> None:
    feed = Feed(lambda position: GraphStream(tiny_corpus, "train", 3, position), SMALL)
    try:
        for label, after in packed_labels(tiny_corpus, SMALL, {}, 4):
            batch = next(feed)
            assert batch.label.tobytes() + batch.chosen.tobytes() == label
            assert feed.state == after
    finally:
        feed.close()
    assert not feed._thread.is_alive()
    assert np.all(batch.label >= 0)
