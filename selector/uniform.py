"""Bugs at random, but of realistic kinds."""

from __future__ import annotations

import torch
from torch import Tensor

from ..graph.labels import RULES
from ..models.batch import Batch
from ..models.segments import segment_count
from .sampling import normalise

KIND_WEIGHT = {"BL101": 0.40, "BL102": 0.11, "BL103": 0.04, "BL201": 0.10, "BL202": 0.03, "BL203": 0.01, "BL204": 0.03,
               "BL206": 0.01, "BL207": 0.01, "BL208": 0.01, "BL209": 0.02, "BL301": 0.06, "BL302": 0.03, "BL303": 0.02,
               "BL401": 0.06, "BL402": 0.01, "BL501": 0.02, "BL502": 0.03}  # fmt: skip
"""Share of each rule among injected bugs, near the kinds of single-edit fixes in real histories (55-60% are names)."""


KINDS = ("real", "level", "every")


def uniform_log_p(batch: Batch, kinds: str = "real") -> Tensor:
    """[options] log-probability: a rule among those with a site, then any of its sites and their options.

    Rules by KIND_WEIGHT (``real``) or all alike (``level``); ``every``: any option of any site, as the uniform selector of
    Allamanis et al. 2021, where rules with many options win.
    """
    if kinds == "every":
        return normalise(batch, torch.zeros(len(batch.option_site), device=batch.chosen.device))
    shares = [KIND_WEIGHT.get(code, 0.01) if kinds == "real" else 1.0 for code in RULES]
    weight = torch.tensor(shares, device=batch.chosen.device)
    cell = batch.site_graph * len(RULES) + batch.site_rule
    number = segment_count(cell, batch.num_graphs * len(RULES))
    site = (weight.index_select(0, batch.site_rule) / number.index_select(0, cell).clamp_min(1)).log()
    options = segment_count(batch.option_site, len(batch.site_rule))
    per_option = (options - 1).clamp_min(1).log()
    return normalise(batch, (site - per_option).index_select(0, batch.option_site))
