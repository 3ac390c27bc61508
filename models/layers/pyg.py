"""PyG's own operators as layers: baselines, and the oracle for ours."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch_geometric.nn import FiLMConv, GatedGraphConv, GATv2Conv, RGCNConv

from ...graph.schema import Relation
from ..edges import Edges
from .base import Layer

RELATIONS = 2 * len(Relation)

PYG_LAYERS: dict[str, Callable[[int], nn.Module]] = {
    "rgcn": lambda d: RGCNConv(d, d, RELATIONS, aggr="add"),
    "film": lambda d: FiLMConv(d, d, RELATIONS),
    "gatv2": lambda d: GATv2Conv(d, d // 4, heads=4, edge_dim=RELATIONS, add_self_loops=False),
    "gated": lambda d: GatedGraphConv(d, 1),
}


class PyGLayer(Layer):
    """One PyG operator on the edges of a batch, both ways.  Shapes: hidden [nodes, d] -> [nodes, d]."""

    def __init__(self, name: str, hidden: int) -> None:
        super().__init__()
        self.name = name
        self.operator = PYG_LAYERS[name](hidden)

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        ends = torch.stack([torch.cat([edges.source, edges.target]), torch.cat([edges.target, edges.source])])
        size = len(edges.source) // len(edges.relation)
        one_way = edges.relation.repeat_interleave(size)
        relation = torch.cat([one_way, one_way + len(Relation)])
        if self.name == "gated":
            return self.operator(hidden, ends)
        if self.name == "gatv2":
            return self.operator(hidden, ends, nn.functional.one_hot(relation, RELATIONS).to(hidden.dtype))
        return self.operator(hidden, ends, relation)
