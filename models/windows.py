"""Attention within each graph of a packed batch, in one static shape."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..graph.schema import Relation


@dataclass(frozen=True, slots=True)
class Windows:
    """Nodes cut into C windows of W; a node may look at the nodes of its graph in its window and in the two beside it.

    The nodes of a graph lie next to each other, so in a graph of at most W nodes every node sees every other, wherever the cuts
    fall; in a larger graph each sees at least W on either side.  Cost: 3 W pairs a node, whatever the graphs.
    """

    size: int
    seen: Tensor
    """[C, W, 3 W] whether the row's node may look at the column's"""
    pair: Tensor
    """[2 edges] the pair (end, start) of every edge, then (start, end), as a place in ``seen`` made flat; 0 where not near"""
    relation: Tensor
    """[2 edges] in [0, 2 R), and 2 R where the ends are not near each other"""

    @classmethod
    def of(cls, relation: Tensor, source: Tensor, target: Tensor, graph: Tensor, size: int) -> Windows:
        """Of ``relation``, ``source``, ``target`` [edges]; ``graph`` [nodes] is -1 for padding."""
        place = cls._cut(graph + 1, size)  # 0 is padding, the one added here too
        seen = (place.unsqueeze(2) == cls.around(place.unsqueeze(2)).transpose(1, 2)) & (place > 0).unsqueeze(2)
        row, column = torch.cat([target, source]), torch.cat([source, target])
        column = column - (row // size - 1) * size
        near = (column >= 0) & (column < 3 * size) & (graph.index_select(0, row) >= 0)
        both = torch.cat([relation, relation + len(Relation)])
        pair = torch.where(near, row * 3 * size + column, 0)
        return cls(size, seen, pair, torch.where(near, both, 2 * len(Relation)))

    def cut(self, values: Tensor) -> Tensor:
        """[C, W, ...] from [nodes, ...]"""
        return self._cut(values, self.size)

    @staticmethod
    def _cut(values: Tensor, size: int) -> Tensor:
        missing = -len(values) % size
        padded = F.pad(values, [0, 0] * (values.dim() - 1) + [0, missing])
        return padded.view(-1, size, *values.shape[1:])

    @staticmethod
    def around(cut: Tensor) -> Tensor:
        """[C, 3 W, d] from [C, W, d]: each window with its neighbours; zeros beyond the ends."""
        nothing = torch.zeros_like(cut[:1])
        return torch.cat([torch.cat([nothing, cut[:-1]]), cut, torch.cat([cut[1:], nothing])], dim=1)

    def bias(self, of_relation: Tensor) -> Tensor:
        """[C, W, 3 W]: for each pair of nodes the sum of ``of_relation`` [2 R] over the edges between them."""
        values = torch.cat([of_relation, torch.zeros_like(of_relation[:1])]).index_select(0, self.relation)
        empty = torch.zeros(self.seen.numel(), dtype=values.dtype, device=values.device)
        return empty.index_add(0, self.pair, values).view(self.seen.shape)
