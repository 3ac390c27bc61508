"""Drawing one rewrite for each graph of a batch, on the device, without asking the host."""

from __future__ import annotations

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
