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
    """[sites] further options beside ``drawn`` [graphs], about one for every so many sites of a graph; padding elsewhere.

    Without replacement, by the largest Gumbel values; none at a site that has one, nor one that touches what another changes.
    """
    sites, none = len(batch.site_rule), len(log_p) - 1
    noisy = _noisy(log_p, generator)
    best = segment_argmax(noisy, batch.option_site, sites, default=none)
    value = noisy.index_select(0, best)
    value = value.index_fill(0, batch.option_site.index_select(0, drawn), LOW).index_fill(0, batch.option_site[-1:], LOW)
    value = torch.where(best == none, LOW, value)
    order = value.argsort(descending=True)
    order = order[batch.site_graph.index_select(0, order).argsort(stable=True)]  # by graph, the largest first
    count = segment_count(batch.site_graph, batch.num_graphs)
    rank = torch.arange(sites, device=order.device) - (count.cumsum(0) - count).index_select(0, batch.site_graph.index_select(0, order))
    luck = torch.rand(count.shape, generator=generator, device=generator.device).to(count.device)
    room = (count / every + luck).floor().index_select(0, batch.site_graph.index_select(0, order))
    more = torch.where((rank < room) & (value.index_select(0, order) > LOW / 2), best.index_select(0, order), none)
    return torch.where(apart(batch, torch.cat([drawn, more]))[len(drawn) :], more, none)


def _noisy(log_p: Tensor, generator: torch.Generator) -> Tensor:
    uniform = torch.rand(log_p.shape, generator=generator, device=generator.device).to(log_p.device)
    gumbel = -(-uniform.clamp(1e-9, 1 - 1e-7).log()).log()
    return torch.where(log_p > LOW / 2, log_p + gumbel, LOW)
