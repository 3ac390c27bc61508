"""Bugs chosen by a network."""

from __future__ import annotations

import torch
from torch import Tensor

from ..models.batch import Batch
from ..models.network import Logits
from ..models.segments import LOW, segment_logsumexp
from .sampling import injectable, normalise


def learned_log_p(batch: Batch, logits: Logits) -> Tensor:
    """[options] log p(site) + log p(option | site), over what can be injected."""
    others = torch.where(injectable(batch), logits.option, LOW)
    repair = logits.option - segment_logsumexp(others, batch.option_site, len(batch.site_rule)).index_select(
        0, batch.option_site
    )
    return normalise(batch, repair + logits.site.index_select(0, batch.option_site))
