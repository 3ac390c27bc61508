"""A packed batch as tensors on a device, and the batch that mutations make of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import torch
from torch import Tensor

from ..graph.pack import Packed
from ..graph.schema import Field
from .edges import Edges

MAX_CELLS = 32
"""Cells applied for one mutation; options with more are never chosen for injection."""


@dataclass(frozen=True)
class Batch:
    """The tensors of a Packed batch, int32 but where indexing on the CPU wants int64; shapes as there."""

    label: Tensor
    role: Tensor
    text: Tensor
    texts: Tensor
    relation: Tensor
    source: Tensor
    target: Tensor
    root: Tensor
    site_rule: Tensor
    site_node: Tensor
    site_graph: Tensor
    chosen: Tensor
    option_site: Tensor
    option_label: Tensor
    option_text: Tensor
    option_node: Tensor
    option_cells: Tensor
    cells: Tensor
    bug: Tensor
    graphs: Tensor

    @classmethod
    def of(cls, packed: Packed, device: torch.device | str = "cpu") -> Batch:
        return cls(**{f.name: torch.from_numpy(getattr(packed, f.name)).to(device, torch.int64) for f in fields(cls)})

    @cached_property
    def edges(self) -> Edges:
        """The edges, in the form that layers want; what they compute of them is kept."""
        return self.fresh_edges()

    def fresh_edges(self) -> Edges:
        """The edges anew: within compiled code nothing can be kept."""
        nodes = torch.arange(len(self.label), device=self.label.device)
        graph = torch.searchsorted(self.root, nodes, right=True) - 1
        graph = torch.where(self.text == len(self.texts) - 1, -1, graph)
        return Edges(self.relation, self.source, self.target, graph)

    @property
    def num_graphs(self) -> int:
        """Room for graphs, padding included: a constant of the budget."""
        return len(self.root)

    @property
    def is_real(self) -> Tensor:
        """[graphs] which graphs are no padding."""
        return torch.arange(self.num_graphs, device=self.root.device) < self.graphs

    @property
    def option_is_chosen(self) -> Tensor:
        """[options] which options are the ones written; padding counts as written."""
        rows = torch.arange(len(self.option_site), device=self.option_site.device)
        return (self.chosen.index_select(0, self.option_site) == rows) | (self.option_site == len(self.site_rule) - 1)


def mutate(batch: Batch, option: Tensor) -> Batch:
    """Apply the deltas of options, such as one in each graph.

    ``option``: [bugs] rows of the options to select; the last (padding) option changes nothing.  Of one graph only options that
    are ``apart``.  No gradient flows through it; no shape depends on it.
    """
    field, index, value, second, live = _cells(batch, option)

    def write(column: Tensor, mine: Tensor, values: Tensor) -> Tensor:
        """Write where ``mine``; elsewhere write the padding entry onto itself."""
        last = len(column) - 1
        return column.scatter(0, torch.where(mine, index, last), torch.where(mine, values, column[last]))

    is_edge = live & (field == Field.EDGE)
    chosen = batch.chosen.scatter(0, batch.option_site.index_select(0, option), option)
    return replace(
        batch,
        label=write(batch.label, live & (field == Field.LABEL), value),
        text=write(batch.text, live & (field == Field.TEXT), value),
        role=write(batch.role, live & (field == Field.ROLE), value),
        source=write(batch.source, is_edge, value),
        target=write(batch.target, is_edge, second),
        chosen=chosen,
    )


def apart(batch: Batch, option: Tensor) -> Tensor:
    """[bugs] which of ``option`` [bugs] change nothing that one before them changes, so that all of those can be applied."""
    field, index, _, _, live = _cells(batch, option)
    nodes, edges = len(batch.label), len(batch.source)
    place = torch.where(live, field * nodes + index, 3 * nodes + edges)  # edges are the last of the four fields
    order = torch.arange(len(option), device=option.device).repeat_interleave(MAX_CELLS)
    first = torch.full((3 * nodes + edges + 1,), len(option), device=option.device)
    first = first.scatter_reduce(0, place, order, "amin")
    return ((first.index_select(0, place) == order) | ~live).view(-1, MAX_CELLS).all(1)


def _cells(batch: Batch, option: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Field, index, value, second value of each option's cells, and which of them there are; [bugs * MAX_CELLS] each."""
    first, count = batch.option_cells.index_select(0, option).unbind(1)
    steps = torch.arange(MAX_CELLS, device=option.device)
    live = steps < count.unsqueeze(1)
    rows = torch.where(live, first.unsqueeze(1) + steps, torch.zeros_like(first).unsqueeze(1))
    field, index, value, second = batch.cells.index_select(0, rows.reshape(-1)).unbind(1)
    return field, index, value, second, live.reshape(-1)
