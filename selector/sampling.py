"""Drawing rewrites for each graph of a batch, on the device, without asking the host."""

from __future__ import annotations

import torch
from torch import Tensor

from ..models.batch import MAX_CELLS, Batch, apart
from ..models.segments import LOW, segment_argmax, segment_count, segment_logsumexp


def injectable(batch: Batch) -> Tensor:
    """[options] whether selecting the option plants a bug: it is not the written one, and its delta fits."""
    return ~batch.option_is_chosen & (batch.option_cells[:, 1] <= MAX_CELLS) & (batch.option_cells[:, 1] > 0)


def normalise(batch: Batch, log_weight: Tensor) -> Tensor:
    """[options] log-probabilities within each graph from unnormalised log-weights, injectable options only."""
    weight = torch.where(injectable(batch), log_weight, LOW)
    graph = batch.site_graph.index_select(0, batch.option_site)
    total = segment_logsumexp(weight, graph, batch.num_graphs)
    return torch.where(weight > LOW / 2, weight - total.index_select(0, graph), LOW)


def draw(batch: Batch, log_p: Tensor, generator: torch.Generator) -> Tensor:
    """[graphs] one option in each graph with probability exp(log_p), by the Gumbel maximum; padding if none can be."""
    graph = batch.site_graph.index_select(0, batch.option_site)
    return segment_argmax(_noisy(log_p, generator), graph, batch.num_graphs, default=len(log_p) - 1)


def draw_more(batch: Batch, log_p: Tensor, drawn: Tensor, every: float, generator: torch.Generator) -> Tensor:
    """[sites] further options beside ``drawn`` [graphs], about one for ``every`` so many sites of a graph; else padding.

    They are drawn without replacement (the largest Gumbel values), at most one at a site, and none that touches what another
    changes, so that all can be applied together.
    """
    none = len(log_p) - 1
    noisy = _noisy(log_p, generator)
    best = segment_argmax(noisy, batch.option_site, len(batch.site_rule), default=none)
    value = noisy.index_select(0, best).index_fill(0, batch.option_site.index_select(0, drawn), LOW)
    order = value.argsort(descending=True)
    order = order.index_select(0, batch.site_graph.index_select(0, order).argsort(stable=True))  # by graph, the largest first
    graph, best, value = (column.index_select(0, order) for column in (batch.site_graph, best, value))
    sites = segment_count(batch.site_graph, batch.num_graphs)
    luck = torch.rand(sites.shape, generator=generator, device=generator.device).to(sites.device)
    rank = torch.arange(len(order), device=order.device) - (sites.cumsum(0) - sites).index_select(0, graph)
    wanted = (rank < (sites / every + luck).floor().index_select(0, graph)) & (value > LOW / 2)
    more = torch.where(wanted, best, none)
    return torch.where(apart(batch, torch.cat([drawn, more]))[len(drawn) :], more, none)


def _noisy(log_p: Tensor, generator: torch.Generator) -> Tensor:
    uniform = torch.rand(log_p.shape, generator=generator, device=generator.device).to(log_p.device)
    gumbel = -(-uniform.clamp(1e-9, 1 - 1e-7).log()).log()
    return torch.where(log_p > LOW / 2, log_p + gumbel, LOW)
