"""The edges of a batch as stars, which takes a third of the products off a relational layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..graph.schema import Relation
from .sums import Incidence

ROUND = 64
"""Rows of a group come in multiples of this: oneDNN compiles a product for each new shape, milliseconds each time."""


@dataclass(frozen=True, slots=True)
class Stars:
    """Edges of one relation that share an end are a star: a hub and its leaves.

    What a hub tells its leaves is the same for all of them, so it is computed once; what the leaves tell their hub is a linear
    map of their sum, so it is computed once too.  Rows [0, K) of ``ends`` select the K hubs, rows [K, 2K) sum their leaves.
    """

    ends: Incidence
    """[2K, nodes]"""
    sizes: list[int]
    """rows of each group, which share one matrix: the groups of hubs, then those of leaves; they sum to 2K"""
    matrices: list[int]
    """of each group"""

    @classmethod
    def of(cls, relation: Tensor, source: Tensor, target: Tensor, nodes: int) -> Stars:
        """Of ``relation``, ``source``, ``target`` [edges] on ``nodes`` nodes; edges at the last node, padding, are left out.

        The hubs of a relation are the ends of which there are fewer.
        """
        relations = len(Relation)
        live = source != nodes - 1
        base, source, target = relation[live] * nodes, source[live], target[live]
        present = torch.zeros(2, relations * nodes, dtype=torch.bool)
        present[0, base + source] = True
        present[1, base + target] = True
        number = present.view(2, relations, nodes).sum(2)
        turned = number[1] < number[0]
        hub_is_target = turned[relation[live]]
        hub, leaf = torch.where(hub_is_target, target, source), torch.where(hub_is_target, source, target)

        hubs = torch.cat([present[int(turned[r]), r * nodes : (r + 1) * nodes] for r in range(relations)]).nonzero().squeeze(1)
        stars = torch.where(turned, number[1], number[0])
        room = (stars + ROUND - 1) // ROUND * ROUND
        end = room.cumsum(0)
        count = int(end[-1])
        place = torch.empty(relations * nodes, dtype=torch.int64)
        shift = end - room - (stars.cumsum(0) - stars)
        place[hubs] = torch.arange(len(hubs)) + shift.repeat_interleave(stars)
        rows = torch.cat([place[hubs], place[base + hub] + count])
        columns = torch.cat([hubs % nodes, leaf])
        sizes = [size for size in room.tolist() if size]
        along = [r for r, size in enumerate(room.tolist()) if size]
        away = [bool(turned[r]) for r in along]
        matrices = [r + relations * t for r, t in zip(along, away, strict=True)]
        matrices += [r + relations * (not t) for r, t in zip(along, away, strict=True)]
        return cls(Incidence.of(rows, columns, 2 * count, nodes), sizes * 2, matrices)

    def messages(self, hidden: Tensor, weight: Tensor) -> Tensor:
        """[nodes, d]: sum over edges (j, r, i) of h_j W_r, along and, with matrix r + R, against each edge.

        ``hidden`` [nodes, d]; ``weight`` [2 R, d, d].
        """
        return _Messages.apply(hidden, weight, self)

    def split(self, rows: Tensor) -> tuple[Tensor, ...]:
        """Views of ``rows`` [2K, d], group by group."""
        return rows.split(self.sizes)

    def exchanged(self, rows: Tensor) -> tuple[Tensor, ...]:
        """The same with hubs and leaves exchanged: what hubs tell is for the leaves, and the other way round."""
        half = len(self.sizes) // 2
        groups = rows.split(self.sizes)
        return groups[half:] + groups[:half]


class _Messages(torch.autograd.Function):
    """E^T S (W (E h)) with E the ends, W the product of each row with its matrix and S the exchange of the halves."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, stars: Stars) -> Tensor:
        sent = stars.ends.gathered(hidden)
        received = torch.empty_like(sent)
        for given, into, matrix in zip(stars.split(sent), stars.exchanged(received), stars.matrices, strict=True):
            torch.mm(given, weight[matrix], out=into)
        ctx.save_for_backward(sent, weight)
        ctx.stars = stars
        return stars.ends.scattered(received)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        sent, weight = ctx.saved_tensors
        stars: Stars = ctx.stars
        received = stars.ends.gathered(gradient)
        of_sent, of_weight = torch.empty_like(sent), torch.zeros_like(weight)
        groups = zip(stars.split(sent), stars.exchanged(received), stars.split(of_sent), stars.matrices, strict=True)
        for given, back, into, matrix in groups:
            torch.mm(back, weight[matrix].T, out=into)
            torch.mm(given.T, back, out=of_weight[matrix])
        return stars.ends.scattered(of_sent), of_weight, None
