"""Attention between the nodes of a graph, biased by the edges between them, and what follows it in a transformer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...graph.schema import Relation
from ..edges import Edges
from ..segments import LOW
from .base import Layer


class RelationalAttention(Layer):
    """GREAT (Hellendoorn et al. 2020): a_ij = softmax_j((q_i + b_ij 1) . k_j / sqrt(d)), h'_i = W sum_j a_ij v_j.

    b_ij sums a learnt number b_r over the edges (j, r, i), and another over those against it; several heads share it.  Nodes
    have no positions: edges tell their order.  A node looks at its own graph only, see ``Windows`` for how far.

    Shapes: hidden [nodes, d] -> [nodes, d].
    """

    activated = False

    def __init__(self, hidden: int, heads: int, window: int) -> None:
        super().__init__()
        if hidden % heads:
            raise ValueError(f"network.hidden is {hidden}, which {heads} heads cannot share; network.heads must divide it")
        self.heads, self.window = heads, window
        self.inputs = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)
        self.relation = nn.Parameter(torch.zeros(2 * len(Relation)))

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        nodes, width = hidden.shape
        windows = edges.windows(self.window)
        query, key, value = self.inputs(hidden).chunk(3, dim=1)
        query, key, value = windows.cut(query), windows.around(windows.cut(key)), windows.around(windows.cut(value))
        query, key, value = (
            x.unflatten(2, (self.heads, -1)).transpose(1, 2) for x in (query, key, value)
        )  # [C, heads, rows, d]
        bias = windows.bias(self.relation).to(query.dtype).unsqueeze(1)
        score = query @ key.transpose(2, 3) + bias * key.sum(3).unsqueeze(2)
        score = (score.float() * (self.heads / width) ** 0.5).masked_fill(~windows.seen.unsqueeze(1), LOW)
        heard = score.softmax(3).to(value.dtype) @ value
        return self.output(heard.transpose(1, 2).reshape(-1, width)[:nodes])


class FeedForward(Layer):
    """h' = W_2 gelu(W_1 h + b_1) + b_2, four times as wide inside (Vaswani et al. 2017, section 3.3)."""

    activated = False

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.widen = nn.Linear(hidden, 4 * hidden)
        self.narrow = nn.Linear(4 * hidden, hidden)

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        return self.narrow(F.gelu(self.widen(hidden), approximate="tanh"))
