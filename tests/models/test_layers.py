"""Our layer against PyG's, and the ways of aggregating against each other."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.nn import RGCNConv

from buglab.graph.schema import Relation
from buglab.models.config import NetworkConfig
from buglab.models.edges import Edges
from buglab.models.layers.pyg import PYG_LAYERS
from buglab.models.layers.registry import make_layer
from buglab.models.layers.relational import Relational

NODES, BLOCKS, SIZE, WIDTH = 50, 20, 8, 16


@pytest.fixture
def edges() -> Edges:
    generator = torch.Generator().manual_seed(1)
    relation = torch.randint(len(Relation), (BLOCKS,), generator=generator)
    source, target = torch.randint(NODES, (2, BLOCKS * SIZE), generator=generator)
    return Edges(relation, source, target)


@pytest.fixture
def hidden() -> torch.Tensor:
    return torch.randn(NODES, WIDTH, generator=torch.Generator().manual_seed(2))


def both_ways(edges: Edges) -> tuple[torch.Tensor, torch.Tensor]:
    ends = torch.stack([torch.cat([edges.source, edges.target]), torch.cat([edges.target, edges.source])])
    relation = edges.relation.repeat_interleave(SIZE)
    return ends, torch.cat([relation, relation + len(Relation)])


def test_relational_equals_pyg_rgcn(edges: Edges, hidden: torch.Tensor) -> None:
    ours = Relational(WIDTH)
    theirs = RGCNConv(WIDTH, WIDTH, 2 * len(Relation), aggr="add")
    with torch.no_grad():
        theirs.weight.copy_(ours.weight)
        theirs.root.copy_(ours.root.weight.T)
        theirs.bias.copy_(ours.root.bias)
    ends, relation = both_ways(edges)
    torch.testing.assert_close(ours(hidden, edges), theirs(hidden, ends, relation), atol=1e-5, rtol=1e-5)


def test_scatter_free_aggregation_has_equal_values_and_gradients(edges: Edges, hidden: torch.Tensor) -> None:
    scattered, product = Relational(WIDTH, "index_add"), Relational(WIDTH, "onehot")
    product.load_state_dict(scattered.state_dict())
    outputs = []
    for layer in (scattered, product):
        x = hidden.clone().requires_grad_()
        out = layer(x, edges)
        out.square().sum().backward()
        outputs.append((out.detach(), x.grad, layer.weight.grad))
    for one, other in zip(*outputs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["relational", *PYG_LAYERS])
def test_every_layer_maps_nodes_to_nodes_and_learns(name: str, edges: Edges, hidden: torch.Tensor) -> None:
    layer = make_layer(NetworkConfig(hidden=WIDTH, layer=name))
    out = layer(hidden, edges)
    assert out.shape == hidden.shape
    out.sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())


def test_unknown_layer_is_named() -> None:
    with pytest.raises(ValueError, match="'transformer'; it can be relational, "):
        make_layer(NetworkConfig(layer="transformer"))
