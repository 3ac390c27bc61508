"""The edges of a batch, and how messages are gathered from nodes and summed into them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from .stars import Stars
from .windows import Windows


@dataclass(frozen=True)
class Edges:
    """Edges in blocks: block b holds edges [b * S, (b + 1) * S) of relation ``relation[b]``.

    The last node is padding: an edge at it is none.
    """

    relation: Tensor
    """[blocks]"""
    source: Tensor
    """[blocks * S]"""
    target: Tensor
    """[blocks * S]"""
    graph: Tensor
    """[nodes] which graph each is of; -1 for padding"""

    @property
    def relation_of_each(self) -> Tensor:
        """[blocks * S]"""
        return self.relation.repeat_interleave(len(self.source) // len(self.relation))

    def windows(self, size: int) -> Windows:
        """Which nodes look at which in attention; computed once for all layers."""
        if self._windows.get(size) is None:
            self._windows[size] = Windows.of(self.relation_of_each, self.source, self.target, self.graph, size)
        return self._windows[size]

    @cached_property
    def _windows(self) -> dict[int, Windows]:
        return {}

    @cached_property
    def stars(self) -> Stars:
        """The same edges grouped by shared ends; computed once for all layers of all networks."""
        return Stars.of(self.relation_of_each, self.source, self.target, len(self.graph))


def gather(values: Tensor, index: Tensor, aggregate: str) -> Tensor:
    """Rows of ``values`` [n, d] at ``index`` [m].

    ``onehot`` does it as a matrix product, because the backward of an index is a scatter, which Gaudi has not.
    """
    return _onehot(index, len(values), values.dtype) @ values if aggregate == "onehot" else values.index_select(0, index)


def scatter_add(into: Tensor, index: Tensor, values: Tensor, aggregate: str) -> Tensor:
    """``into`` [n, d] plus the sums of ``values`` [m, d] over equal ``index`` [m]."""
    if aggregate == "onehot":
        return into + _onehot(index, len(into), values.dtype).T @ values
    return into.index_add(0, index, values.to(into.dtype))


def _onehot(index: Tensor, count: int, dtype: torch.dtype) -> Tensor:
    return (index.unsqueeze(1) == torch.arange(count, device=index.device)).to(dtype)
