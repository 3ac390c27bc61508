"""From the detector's scores to log-probabilities of every rewrite and of none."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..models.batch import Batch
from ..models.network import Logits
from ..models.segments import LOW, segment_logsumexp


@dataclass(frozen=True, slots=True)
class Verdict:
    """Log-probabilities.  For each graph, exp(no_bug) and exp(option) of its options sum to one."""

    no_bug: Tensor
    """[graphs]"""
    site: Tensor
    """[sites] log p(site | bug)"""
    repair: Tensor
    """[options] log p(option | site); LOW for the written one"""
    option: Tensor
    """[options] log p(site, option); LOW for the written one"""


def decode(batch: Batch, logits: Logits) -> Verdict:
    """P(none) = sigmoid(-gate); P(site, option) = sigmoid(gate) softmax(site) softmax(option), written options left out."""
    sites = len(batch.site_rule)
    site = logits.site - segment_logsumexp(logits.site, batch.site_graph, batch.num_graphs).index_select(0, batch.site_graph)
    others = torch.where(batch.option_is_chosen, LOW, logits.option)
    repair = others - segment_logsumexp(others, batch.option_site, sites).index_select(0, batch.option_site)
    repair = torch.where(batch.option_is_chosen, LOW, repair)
    bug = F.logsigmoid(logits.gate).index_select(0, batch.site_graph)
    joint = repair + (site + bug).index_select(0, batch.option_site)
    return Verdict(F.logsigmoid(-logits.gate), site, repair, joint.clamp_min(LOW))
