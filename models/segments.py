"""Softmax, sums and choices over the sites of a graph or the options of a site."""

from __future__ import annotations

import torch
from torch import Tensor

LOW = -1e9
"""Stands for minus infinity: finite, so that no difference of two of them is NaN."""


def segment_logsumexp(values: Tensor, segment: Tensor, count: int) -> Tensor:
    """log sum exp of ``values`` [n] in each of ``count`` segments [count]; LOW where a segment is empty."""
    top = torch.full((count,), LOW, dtype=values.dtype, device=values.device)
    top = top.scatter_reduce(0, segment, values.detach(), "amax")
    total = torch.zeros(count, dtype=values.dtype, device=values.device).index_add(
        0, segment, (values - top.index_select(0, segment)).exp()
    )
    return torch.where(total > 0, total.clamp_min(1e-30).log() + top, top)


def segment_argmax(values: Tensor, segment: Tensor, count: int, default: int) -> Tensor:
    """Index of the largest of ``values`` [n] in each segment [count]; ``default`` where all are LOW or there are none."""
    top = torch.full((count,), LOW, dtype=values.dtype, device=values.device).scatter_reduce(0, segment, values, "amax")
    rows = torch.arange(len(values), device=values.device)
    hit = (values >= top.index_select(0, segment)) & (values > LOW / 2)
    best = torch.full((count,), -1, dtype=torch.int64, device=values.device)
    best = best.scatter_reduce(0, segment, torch.where(hit, rows, -1), "amax")
    return torch.where(best >= 0, best, default)


def segment_count(segment: Tensor, count: int) -> Tensor:
    """How many there are in each of ``count`` segments [count], as floats."""
    ones = torch.ones(len(segment), device=segment.device)
    return torch.zeros(count, device=segment.device).index_add(0, segment, ones)


def segment_mean(values: Tensor, segment: Tensor, count: int) -> Tensor:
    """Mean of ``values`` [n, d] in each segment [count, d]; 0 where a segment is empty."""
    total = torch.zeros(count, values.shape[1], dtype=values.dtype, device=values.device).index_add(0, segment, values)
    number = torch.zeros(count, dtype=values.dtype, device=values.device).index_add(0, segment, torch.ones_like(values[:, 0]))
    return total / number.clamp_min(1).unsqueeze(1)
