"""The numpy runtime computes what the torch network computes."""

from __future__ import annotations

import inspect
import statistics
import textwrap

import numpy as np
import pytest
import torch

from buglab.detector.decode import decode
from buglab.graph.build import extract
from buglab.graph.pack import Budget, pack
from buglab.graph.schema import CodeGraph
from buglab.models.batch import Batch
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.rewrites.source import Source
from buglab.scan.forward import forward

CONFIG = NetworkConfig(hidden=32, layers=3)


@pytest.fixture(scope="module")
def graphs() -> list[CodeGraph]:
    return [u.graph for module in (textwrap, statistics) for u in extract(Source.parse(inspect.getsource(module)))]


def test_scores_equal_those_of_torch(graphs: list[CodeGraph]) -> None:
    torch.manual_seed(0)
    network = Network(CONFIG).eval()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    found = forward(weights, {"layer": "relational", "layers": CONFIG.layers}, graphs)
    packed, left = pack(
        graphs, Budget(nodes=32768, blocks=1024, texts=16384, sites=8192, options=65536, cells=400_000, graphs=512)
    )
    assert not left
    batch = Batch.of(packed)
    with torch.no_grad():
        verdict = decode(batch, network(batch))
    at = 0
    compared = 0
    for index, (graph, scores) in enumerate(zip(graphs, found, strict=True)):
        expected = verdict.option[at : at + graph.num_options].numpy()
        at += graph.num_options
        if graph.num_sites == 0:
            assert scores.no_bug == 0.0
            continue
        assert scores.no_bug == pytest.approx(float(verdict.no_bug[index]), abs=1e-3)
        real = np.isfinite(scores.option)
        assert (expected[~real] < -1e8).all()
        np.testing.assert_allclose(scores.option[real], expected[real], atol=2e-3)
        assert np.exp(scores.no_bug) + np.exp(scores.option).sum() == pytest.approx(1, abs=1e-4)
        compared += int(real.sum())
    assert compared > 1000


def test_another_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="no torch-free runtime"):
        forward({}, {"layer": "rgcn", "layers": 1}, [])
