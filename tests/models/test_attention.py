"""Attention in windows against attention written out pair by pair, and what a batch must not change."""

from __future__ import annotations

import pytest
import torch

from buglab.graph.schema import Relation
from buglab.models.config import NetworkConfig
from buglab.models.edges import Edges
from buglab.models.encoder import Encoder
from buglab.models.layers.attention import RelationalAttention
from buglab.models.layers.registry import make_layers

WIDTH, HEADS, WINDOW = 12, 3, 8
SIZES = [5, 8, 3, 7, 6]
"""Nodes of the graphs: none above the window, several across a cut."""


def batch(sizes: list[int], room: int, seed: int = 0) -> tuple[Edges, torch.Tensor]:
    """Random graphs laid end to end and padded to ``room`` nodes, one edge in a block; and the features of the nodes."""
    dice = torch.Generator().manual_seed(seed)
    graph = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    ends = []
    for number, size in enumerate(sizes):
        first = sum(sizes[:number])
        ends.append(first + torch.randint(size, (2, 2 * size), generator=dice))
    source, target = torch.cat([*ends, torch.full((2, 4), room - 1)], dim=1)
    relation = torch.randint(len(Relation), (len(source),), generator=dice)
    padding = torch.full((room - len(graph),), -1)
    return Edges(relation, source, target, torch.cat([graph, padding])), torch.randn(room, WIDTH, generator=dice)


def attention(seed: int = 1) -> RelationalAttention:
    torch.manual_seed(seed)
    layer = RelationalAttention(WIDTH, HEADS, WINDOW)
    torch.nn.init.normal_(layer.relation)
    return layer


def by_pairs(layer: RelationalAttention, hidden: torch.Tensor, edges: Edges, node: int) -> torch.Tensor:
    """What one node becomes, from the formula, without windows."""
    others = (edges.graph == edges.graph[node]).nonzero().flatten().tolist()
    query, key, value = (x.view(-1, HEADS, WIDTH // HEADS) for x in layer.inputs(hidden).chunk(3, dim=1))
    heard = []
    for head in range(HEADS):
        scores = []
        for other in others:
            bias = torch.zeros(())
            for relation, source, target in zip(edges.relation, edges.source, edges.target, strict=True):
                bias = bias + (layer.relation[relation] if (target, source) == (node, other) else 0)
                bias = bias + (layer.relation[relation + len(Relation)] if (source, target) == (node, other) else 0)
            scores.append(((query[node, head] + bias) * key[other, head]).sum() / (WIDTH / HEADS) ** 0.5)
        heard.append(torch.stack(scores).softmax(0) @ value[others, head])
    return layer.output(torch.cat(heard))


def test_windows_hear_what_the_formula_says() -> None:
    edges, hidden = batch(SIZES, 40)
    layer = attention()
    found = layer(hidden, edges)
    for node in range(sum(SIZES)):
        torch.testing.assert_close(found[node], by_pairs(layer, hidden, edges, node), atol=1e-5, rtol=1e-5)


def test_a_larger_graph_is_heard_from_a_window_away() -> None:
    edges, hidden = batch([30], 32)
    far = hidden.clone().requires_grad_()
    (heard,) = torch.autograd.grad(attention()(far, edges)[20].sum(), far)
    reached = heard.abs().sum(1).nonzero().flatten()
    assert reached.min() == 8
    assert reached.max() == 29, "two windows beside that of node 20, and no padding"


@pytest.mark.parametrize("name", ["great", "hybrid", "relational"])
def test_neither_padding_nor_other_graphs_change_a_graph(name: str) -> None:
    torch.manual_seed(0)
    encoder = Encoder(NetworkConfig(hidden=WIDTH, layers=3, layer=name, heads=HEADS, window=WINDOW))
    edges, hidden = batch(SIZES, 40)
    together = encoder(hidden, edges)
    first = 0
    for number, size in enumerate(SIZES):
        mine = (edges.source >= first) & (edges.source < first + size)
        own = torch.cat([hidden[first : first + size], torch.full((2, WIDTH), 1e3)])
        alone = Edges(
            edges.relation[mine], edges.source[mine] - first, edges.target[mine] - first, torch.tensor([0] * size + [-1, -1])
        )
        torch.testing.assert_close(encoder(own, alone)[:size], together[first : first + size], atol=1e-4, rtol=1e-4)
        first += size
        assert edges.graph[first - 1] == number


@pytest.mark.parametrize("name", ["great", "hybrid", "relational"])
def test_the_order_of_nodes_says_nothing(name: str) -> None:
    torch.manual_seed(0)
    encoder = Encoder(NetworkConfig(hidden=WIDTH, layers=3, layer=name, heads=HEADS, window=WINDOW))
    edges, hidden = batch([4, 8], 16)
    order = torch.cat(
        [torch.arange(4), 4 + torch.randperm(8, generator=torch.Generator().manual_seed(0)), torch.arange(12, 16)]
    )
    place = order.argsort()
    shuffled = Edges(edges.relation, place[edges.source], place[edges.target], edges.graph)
    found, expected = encoder(hidden[order], shuffled), encoder(hidden, edges)[order]
    torch.testing.assert_close(found[:12], expected[:12], atol=1e-4, rtol=1e-4)


def test_kinds_of_layers_in_their_order() -> None:
    def names(layer: str) -> list[str]:
        return [type(made).__name__ for made in make_layers(NetworkConfig(layer=layer, layers=3))]

    assert names("great") == ["RelationalAttention", "FeedForward"] * 3
    assert names("hybrid") == ["Relational", "RelationalAttention", "Relational"]


def test_heads_share_the_width() -> None:
    with pytest.raises(ValueError, match="which 5 heads cannot share"):
        make_layers(NetworkConfig(hidden=96, heads=5, layer="great"))
