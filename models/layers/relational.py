"""Relational graph convolution over blocks of edges of one relation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...graph.schema import Relation
from ..edges import Edges, gather, scatter_add


class Relational(nn.Module):
    """h'_i = W_0 h_i + b + sum over edges (j, r, i) of W_r h_j, along every edge and, with other weights, against it.

    Equals the sum-aggregated R-GCN (Schlichtkrull et al. 2018, eq. 2 without normalisation).  Edges come in blocks of one
    relation each, so that all messages are one batched matrix product.

    Shapes: hidden [nodes, d] -> [nodes, d].
    """

    def __init__(self, hidden: int, aggregate: str = "index_add") -> None:
        super().__init__()
        relations = 2 * len(Relation)
        self.weight = nn.Parameter(torch.empty(relations, hidden, hidden))
        self.root = nn.Linear(hidden, hidden)
        self.aggregate = aggregate
        nn.init.normal_(self.weight, std=(1 / (3 * hidden)) ** 0.5)

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        width = hidden.shape[1]
        out = self.root(hidden)
        hidden = hidden.to(out.dtype)  # under autocast: gather half the bytes
        start = torch.cat([edges.source, edges.target])
        end = torch.cat([edges.target, edges.source])
        relation = torch.cat([edges.relation, edges.relation + len(Relation)])
        weight = gather(self.weight.to(out.dtype).flatten(1), relation, self.aggregate).view(-1, width, width)
        sent = gather(hidden, start, self.aggregate).view(len(relation), -1, width)
        message = torch.bmm(sent, weight)
        return scatter_add(out, end, message.view(-1, width), self.aggregate)
