"""What can be known about a Gaudi without one: static shapes, nothing read back, operators it has, its code path end to end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from buglab.data.dataset import Corpus, GraphStream
from buglab.graph.pack import Budget, Packed, pack
from buglab.models.config import NetworkConfig
from buglab.train.checkpoint import Checkpoints
from buglab.train.feed import batches
from buglab.train.main import main
from buglab.train.step import Game, GameConfig

from .conftest import TINY, only_run

STAND_IN = Path(__file__).parent / "gaudi"
SUPPORTED = set((Path(__file__).parent / "gaudi_operators.txt").read_text().split())
"""The operators in Habana's table of supported PyTorch operators (names only)."""

SMALL = Budget(nodes=900, blocks=60, block=64, texts=600, sites=600, options=3000, cells=20000, graphs=10)

SAME = {
    "_to_copy": "to",
    "_unsafe_view": "view",
    "linalg_vector_norm": "vector_norm",
    "log_sigmoid_forward": "logsigmoid",
    "log_sigmoid": "logsigmoid",
    "index_add": "index_add_",
    "embedding_dense": "embedding",
    "slice": "narrow",
    "permute": "permute",
    "detach": "view",
    "alias": "view",
}
"""PyTorch's internal names of operators that the table has under their public names."""


class OnGaudi(Game):
    """The game as on a Gaudi, but on PyTorch's ``meta`` device: tensors without values, from which nothing can be read."""

    def autocast(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


class Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.operators: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        if any(tensor.device.type == "meta" for tensor in tensors):
            self.operators.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


def packed(corpus: Path) -> Packed:
    split = Corpus(corpus).split("train")
    return pack([split[i] for i in range(8)], SMALL)[0]


def game(**more: object) -> OnGaudi:
    network = NetworkConfig(hidden=12, layers=2, aggregate="onehot")
    return OnGaudi(network, GameConfig(selector_hidden=8, **more), torch.device("meta"))


def test_every_batch_of_an_epoch_has_the_same_shape(tiny_corpus: Path) -> None:
    graphs = len(GraphStream(tiny_corpus))
    shapes = set()
    for batch, state in batches(lambda position: GraphStream(tiny_corpus, "train", 3, position), SMALL, {}):
        shapes.add(tuple((f.name, getattr(batch, f.name).shape, getattr(batch, f.name).dtype) for f in fields(batch)))
        if state["count"] > graphs + 64:
            break
    assert len(shapes) == 1


@pytest.mark.parametrize("switch", [{}, {"crowd": 8.0}], ids=["default", "crowd"])
def test_a_step_reads_nothing_back_and_asks_for_operators_that_a_gaudi_has(
    tiny_corpus: Path, switch: dict[str, object]
) -> None:
    """``.item()``, ``.cpu()``, ``nonzero`` and boolean masks raise on the meta device: there are no values to look at."""
    with pytest.raises((RuntimeError, NotImplementedError)):
        torch.zeros(3, device="meta").sum().item()
    with pytest.raises((RuntimeError, NotImplementedError)):
        _ = torch.zeros(3, device="meta")[torch.zeros(3, device="meta") > 0]
    playing, batch = game(**switch), packed(tiny_corpus)
    with Recorder() as seen:
        for _ in range(2):
            metrics = playing.step(batch, 0.0)
    assert all(value.device.type == "meta" for value in metrics.values())
    assert {"bmm", "mm", "embedding_dense_backward", "addcdiv_"} <= seen.operators  # forward, backward and optimiser
    names = {name.removeprefix("_foreach_").removesuffix("_backward") for name in seen.operators}
    unknown = {SAME.get(name, name) for name in names} - SUPPORTED
    assert not unknown
    assert "index" not in names
    assert "index_put" not in names


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """Habana's modules, and the graphs that their compiler is given."""
    monkeypatch.syspath_prepend(str(STAND_IN))
    torch._dynamo.reset()
    from habana_frameworks.torch.core import GRAPHS  # type: ignore[import-not-found]

    GRAPHS.clear()
    yield GRAPHS
    torch._dynamo.reset()
    for name in [name for name in sys.modules if name.startswith("habana_frameworks")]:
        del sys.modules[name]


def test_the_code_for_gaudi_runs_compiles_once_and_resumes(
    tiny_home: Path, stand_in: list[list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    tiny = [override for override in TINY if override != "device=cpu"]
    torch._dynamo.utils.counters.clear()
    assert main([*tiny, "device=hpu", "tracking=none", "name=gaudi", "limits.max_steps=3"]) == 0
    assert not torch._dynamo.utils.counters["graph_break"]
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 2  # one a player: nothing is compiled after the first step
    assert len(stand_in) == 4  # forward and backward of both
    operators = {name for graph in stand_in for name in graph}
    assert any("bmm" in name for name in operators)
    assert Checkpoints(only_run(tiny_home, "gaudi") / "checkpoints").find("last") is not None
    assert main(["name=gaudi", "resume=last", "device=cpu", "limits.max_steps=4"]) == 0  # another device, the same run
    capfd.readouterr()


def test_both_ways_of_aggregating_play_the_same_game(tiny_corpus: Path) -> None:
    batch = packed(tiny_corpus)
    found = []
    for aggregate in ("index_add", "onehot"):
        one = Game(
            NetworkConfig(12, 2, aggregate=aggregate),
            GameConfig(selector_hidden=8),
            torch.device("cpu"),
        )
        found.append([{k: float(v) for k, v in one.step(batch, 0.0).items()} for _ in range(2)])
    for left, right in zip(*found, strict=True):
        np.testing.assert_allclose(list(left.values()), list(right.values()), rtol=1e-3, atol=1e-4)
