"""Bugs chosen by a network that learns what is hard for the detector."""

from __future__ import annotations

import torch
from torch import Tensor

from ..models.batch import Batch
from ..models.network import Logits
from ..models.segments import LOW
from .loss import HOPELESS
from .sampling import normalise


def expected(batch: Batch, logits: Logits) -> Tensor:
    """[options] what the selector expects to earn with each bug: of its function, its site and its rewrite."""
    of_site = logits.site + logits.gate.index_select(0, batch.site_graph)
    return logits.option + of_site.index_select(0, batch.option_site)


def learned_log_p(batch: Batch, prior: Tensor, earnings: Tensor, leash: float) -> Tensor:
    """[options] log-probability of each bug: prior * exp(earnings / leash), normalised within each graph.

    Of all choices q this one has the largest E[earnings] - leash * KL(q || prior) (Levine 2018, section 2.4; Korbak et al.
    2022, eq. 4), so nothing has to be learned but the ``earnings`` [options], which are taken within their bounds: no bug is
    ever less likely than exp(-HOPELESS / leash) times what it is to the ``prior`` [options], log-probabilities.
    """
    tilt = earnings.detach().clamp(0, HOPELESS) / leash
    return normalise(batch, torch.where(prior > LOW / 2, prior + tilt, LOW))
