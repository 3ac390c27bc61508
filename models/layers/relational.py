"""Relational graph convolution over blocks of edges of one relation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...graph.schema import Relation
from ..edges import Edges, gather, scatter_add
from ..precision import lowered
from ..sums import way
from .base import Layer


class Relational(Layer):
    """h'_i = W_0 h_i + b + sum over edges (j, r, i) of W_r h_j, along every edge and, with other weights, against it.

    Equals the sum-aggregated R-GCN (Schlichtkrull et al. 2018, eq. 2 without normalisation).  ``stars`` computes it with the
    fewest products, in shapes that depend on the data; ``index_add`` and ``onehot`` compute the blocks as one batched product
    of a static shape.

    Shapes: hidden [nodes, d] -> [nodes, d].
    """

    def __init__(self, hidden: int, aggregate: str = "auto") -> None:
        super().__init__()
        relations = 2 * len(Relation)
        self.weight = nn.Parameter(torch.empty(relations, hidden, hidden))
        self.root = nn.Linear(hidden, hidden)
        self.aggregate = aggregate
        nn.init.normal_(self.weight, std=(1 / (3 * hidden)) ** 0.5)

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        hidden = lowered(hidden)
        out, weight = self.root(hidden), self.weight.to(hidden.dtype)
        aggregate = way(self.aggregate, hidden.device)
        if aggregate == "stars":
            return out + edges.stars.messages(hidden, weight)
        start = torch.cat([edges.source, edges.target])
        end = torch.cat([edges.target, edges.source])
        relation = torch.cat([edges.relation, edges.relation + len(Relation)])
        width = hidden.shape[1]
        matrix = gather(weight.flatten(1), relation, aggregate).view(-1, width, width)
        sent = gather(hidden, start, aggregate).view(len(relation), -1, width)
        message = torch.bmm(sent, matrix)
        return scatter_add(out, end, message.view(-1, width), aggregate)
