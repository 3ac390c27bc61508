"""Our layer against PyG's, and the ways of aggregating against each other."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.nn import RGCNConv

from buglab.graph.schema import Relation
from buglab.models.config import NetworkConfig
from buglab.models.edges import Edges
from buglab.models.layers.pyg import PYG_LAYERS
from buglab.models.layers.registry import make_layers
from buglab.models.layers.relational import Relational

NODES, BLOCKS, SIZE, WIDTH = 50, 20, 8, 16
GRAPH = torch.cat([torch.zeros(NODES - 1, dtype=torch.int64), torch.tensor([-1])])
WAYS = ["stars", "index_add", "onehot"]


@pytest.fixture
def edges() -> Edges:
    generator = torch.Generator().manual_seed(1)
    relation = torch.randint(len(Relation), (BLOCKS,), generator=generator)
    source, target = torch.randint(NODES - 1, (2, BLOCKS * SIZE), generator=generator)
    source[-3:], target[-3:] = NODES - 1, NODES - 1  # empty slots
    return Edges(relation, source, target, GRAPH)


@pytest.fixture
def hidden() -> torch.Tensor:
    return torch.randn(NODES, WIDTH, generator=torch.Generator().manual_seed(2))


def test_a_batch_without_an_edge(hidden: torch.Tensor) -> None:
    nowhere = torch.full((SIZE,), NODES - 1)
    layer = Relational(WIDTH, "stars")
    found = layer(hidden, Edges(torch.zeros(1, dtype=torch.int64), nowhere, nowhere, GRAPH))
    torch.testing.assert_close(found, layer.root(hidden))


def both_ways(edges: Edges) -> tuple[torch.Tensor, torch.Tensor]:
    ends = torch.stack([torch.cat([edges.source, edges.target]), torch.cat([edges.target, edges.source])])
    relation = edges.relation.repeat_interleave(SIZE)
    return ends, torch.cat([relation, relation + len(Relation)])


@pytest.mark.parametrize("aggregate", WAYS)
def test_relational_equals_pyg_rgcn(aggregate: str, edges: Edges, hidden: torch.Tensor) -> None:
    ours = Relational(WIDTH, aggregate)
    theirs = RGCNConv(WIDTH, WIDTH, 2 * len(Relation), aggr="add")
    with torch.no_grad():
        theirs.weight.copy_(ours.weight)
        theirs.root.copy_(ours.root.weight.T)
        theirs.bias.copy_(ours.root.bias)
    ends, relation = both_ways(edges)
    found, expected = ours(hidden, edges), theirs(hidden, ends, relation)
    torch.testing.assert_close(found[:-1], expected[:-1], atol=1e-5, rtol=1e-5)  # the last node is padding


@pytest.mark.parametrize("aggregate", WAYS)
def test_every_aggregation_has_the_same_gradients(aggregate: str, edges: Edges, hidden: torch.Tensor) -> None:
    plain, other = Relational(WIDTH, "index_add"), Relational(WIDTH, aggregate)
    other.load_state_dict(plain.state_dict())
    outputs = []
    for layer in (plain, other):
        x = hidden.clone().requires_grad_()
        layer(x, edges)[:-1].square().sum().backward()
        outputs.append((x.grad, layer.weight.grad, layer.root.weight.grad))
    for one, two in zip(*outputs, strict=True):
        torch.testing.assert_close(one, two, atol=1e-4, rtol=1e-4)


def test_the_cpu_takes_stars_and_they_join_what_shares_an_end(edges: Edges, hidden: torch.Tensor) -> None:
    layer = Relational(WIDTH)
    assert layer.aggregate == "auto"
    found = layer(hidden, edges)
    layer.aggregate = "stars"
    assert torch.equal(found, layer(hidden, edges))
    parent = Edges(torch.zeros(1, dtype=torch.int64), torch.zeros(SIZE, dtype=torch.int64), torch.arange(1, SIZE + 1), GRAPH)
    assert parent.stars.ends.column_begin[-1] == 1 + SIZE, "one hub, and a leaf for every edge"


@pytest.mark.parametrize("name", ["relational", *PYG_LAYERS])
def test_every_layer_maps_nodes_to_nodes_and_learns(name: str, edges: Edges, hidden: torch.Tensor) -> None:
    (layer,) = make_layers(NetworkConfig(hidden=WIDTH, layers=1, layer=name))
    out = layer(hidden, edges)
    assert out.shape == hidden.shape
    out.sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())


def test_unknown_layer_is_named() -> None:
    with pytest.raises(ValueError, match="'transformer'; it can be relational, "):
        make_layers(NetworkConfig(layer="transformer"))
