"""Drawing one rewrite for each graph of a batch, on the device, without asking the host."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..models.batch import MAX_CELLS, Batch
from ..models.segments import LOW, segment_argmax, segment_logsumexp


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
    uniform = torch.rand(log_p.shape, generator=generator, device=generator.device).to(log_p.device)
    gumbel = -(-uniform.clamp(1e-9, 1 - 1e-7).log()).log()
    noisy = torch.where(log_p > LOW / 2, log_p + gumbel, LOW)
    graph = batch.site_graph.index_select(0, batch.option_site)
    return segment_argmax(noisy, graph, batch.num_graphs, default=len(log_p) - 1)


def floored(log_p: Tensor, prior: Tensor, floor: float) -> Tensor:
    """[options] log((1 - floor) p + floor prior): no rewrite that the prior plays has less than its share of the floor.

    Allamanis et al. 2021 sample 2% uniformly to the same end.
    """
    if not floor:
        return log_p
    return torch.logaddexp(log_p + math.log1p(-floor), prior + math.log(floor)).clamp_min(LOW)
