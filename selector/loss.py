"""What the selector earns: the detector's trouble with its bugs, kept realistic."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..models.batch import Batch
from ..models.segments import LOW

HOPELESS = 5.0
"""Nats above which more detector loss earns nothing: a bug nobody can find is likely no bug."""


REWARDS = ("trouble", "middling")


def reward(trouble: Tensor, kind: str = "trouble") -> Tensor:
    """[graphs] what each bug earns, from ``trouble`` = -log p, p the detector's probability of undoing it.

    ``trouble``: -log p up to HOPELESS (Allamanis et al. 2021, section 3: max over the selector).  ``middling``: 4 p (1 - p),
    the learnability of Rutherford et al. 2024, scaled to 1 where the detector succeeds half of the time; 0 where it always
    does and where it never does.
    """
    if kind == "middling":
        solved = trouble.detach().neg().exp()
        return 4 * solved * (1 - solved)
    return trouble.detach().clamp(max=HOPELESS)


def selector_loss(
    batch: Batch,
    log_p: Tensor,
    prior: Tensor,
    option: Tensor,
    earned: Tensor,
    played: Tensor,
    leash: float,
    total: Callable[[Tensor], Tensor] = lambda part: part,
) -> Tensor:
    """REINFORCE (Williams 1992) with the batch mean as baseline, plus leash * KL(selector || realistic prior).

    ``log_p``, ``prior``: [options] log-probabilities of selector and prior; ``option``, ``earned``: [draws] what was drawn and
    its reward; ``played``: [draws] whether the selector drew it; ``total``: sums over all processes.
    Returns a scalar, this process's part of the loss.
    """
    weight = played.to(earned.dtype)
    count = total(weight.sum()).clamp_min(1)
    baseline = total((earned * weight).sum()) / count
    chosen = log_p.index_select(0, option).clamp_min(-30)
    policy = -((earned - baseline) * chosen * weight).sum() / count
    live = (log_p > LOW / 2) & (prior > LOW / 2)
    divergence = torch.where(live, log_p.exp() * (log_p - prior), torch.zeros_like(log_p)).sum()
    return policy + leash * divergence / total(batch.is_real.sum()).clamp_min(1)
