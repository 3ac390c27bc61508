"""The heads: what a graph's scores depend on, and what they do not."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import fields

import pytest
import torch

from buglab.graph.build import extract
from buglab.graph.pack import Budget, pack
from buglab.graph.schema import CodeGraph
from buglab.models.batch import Batch
from buglab.models.config import NetworkConfig
from buglab.models.network import Logits, Network
from buglab.rewrites.source import Source

SMALL = Budget(nodes=1500, blocks=70, block=64, texts=600, sites=400, options=3000, cells=20_000, graphs=12)
LARGE = Budget(nodes=2000, blocks=130, block=32, texts=900, sites=700, options=5000, cells=30_000, graphs=20)


@pytest.fixture(scope="module")
def graphs() -> list[CodeGraph]:
    units = extract(Source.parse(inspect.getsource(textwrap)))
    return [u.graph for u in units if u.graph.num_sites and u.graph.num_nodes < 250][:4]


def scores(network: Network, graphs: list[CodeGraph], budget: Budget) -> Logits:
    """Of the real graphs, sites and options, in their order."""
    packed, left = pack(graphs, budget)
    assert not left
    logits = network(Batch.of(packed))
    ends = (len(graphs), sum(g.num_sites for g in graphs), sum(g.num_options for g in graphs))
    return Logits(*(getattr(logits, f.name)[:end] for f, end in zip(fields(Logits), ends, strict=True)))


@pytest.mark.parametrize("layer", ["relational", "great", "hybrid"])
def test_padding_and_company_do_not_show(layer: str, graphs: list[CodeGraph]) -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(hidden=16, layers=2, layer=layer, window=250)).eval()
    together = scores(network, graphs, SMALL)
    for other in (scores(network, graphs, LARGE), scores(network, graphs[:2], SMALL)):
        for field in fields(Logits):
            found = getattr(other, field.name)
            torch.testing.assert_close(found, getattr(together, field.name)[: len(found)], atol=1e-4, rtol=1e-4)


def test_every_weight_learns(graphs: list[CodeGraph]) -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(hidden=16, layers=2))
    logits = scores(network, graphs, SMALL)
    (logits.gate.sum() + logits.site.square().sum() + logits.option.square().sum()).backward()
    idle = [name for name, p in network.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    assert idle == []
    assert not network.embedding.subtoken.weight.grad[0].any(), "no word stays zero"


def test_in_bf16_the_scores_are_nearly_the_same(graphs: list[CodeGraph]) -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(hidden=16, layers=2)).eval()
    plain = scores(network, graphs, SMALL)
    with torch.autocast("cpu", torch.bfloat16):
        lowered = scores(network, graphs, SMALL)
    for field in fields(Logits):
        assert getattr(lowered, field.name).dtype == torch.float32
        torch.testing.assert_close(getattr(lowered, field.name), getattr(plain, field.name), atol=0.1, rtol=0.1)


def test_words_are_left_out_in_training_only(graphs: list[CodeGraph]) -> None:
    batch = Batch.of(pack(graphs, SMALL)[0])
    torch.manual_seed(0)
    embedding = Network(NetworkConfig(hidden=16, layers=2, word_dropout=0.5)).embedding
    torch.manual_seed(0)
    whole = Network(NetworkConfig(hidden=16, layers=2)).embedding
    torch.testing.assert_close(embedding.eval().texts(batch), whole.texts(batch))
    worded = (batch.texts > 0).any(1)
    left_out = ~embedding.train().texts(batch).any(1) & worded
    assert 0.2 < left_out.sum() / worded.sum() < 0.5, "half of the texts of one word, fewer of those of two"
    embedding.word_dropout = 1.0
    assert not embedding.texts(batch).any()
