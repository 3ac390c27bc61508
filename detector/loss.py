"""What the detector pays for its verdicts."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..models.batch import Batch
from ..models.network import Logits
from .decode import decode


def detector_loss(batch: Batch, logits: Logits, repair: Tensor | None) -> Tensor:
    """-log p(right answer) of each graph [graphs]: none for clean code, else the rewrite that undoes the bug.

    ``repair``: [graphs] row of the option that restores the original, None for a batch of clean code.  With the factoring of
    ``decode`` this is Allamanis et al. 2021, eq. 3: -log p(place) - log p(rewrite | place), NO_BUG being a place.
    """
    if repair is None:
        return F.softplus(logits.gate)
    verdict = decode(batch, logits)
    return -verdict.option.index_select(0, repair).clamp_min(-50.0)


def mean_over(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of ``values`` where ``mask`` holds; 0 where it never does."""
    weight = mask.to(values.dtype)
    return torch.where(mask, values, torch.zeros_like(values)).sum() / weight.sum().clamp_min(1)
