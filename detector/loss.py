"""What the detector pays for its verdicts."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..models.batch import Batch
from ..models.network import Logits
from ..models.segments import LOW, segment_logsumexp


def detector_loss(batch: Batch, logits: Logits, repair: Tensor | None) -> Tensor:
    """-log p(right answer) of each graph [graphs]: none for clean code, else the rewrite that undoes the bug.

    ``repair``: [graphs] row of the option that restores the original, None for a batch of clean code.  With the factoring of
    ``decode`` this is Allamanis et al. 2021, eq. 3: -log p(place) - log p(rewrite | place), NO_BUG being a place.
    """
    if repair is None:
        return F.softplus(logits.gate)
    return F.softplus(-logits.gate) + search_loss(batch, logits, repair)


def search_loss(batch: Batch, logits: Logits, repair: Tensor) -> Tensor:
    """-log p(place) - log p(rewrite | place) of each bug [bugs], once there is one.

    ``repair``: [bugs] rows of the options that restore the originals, or padding.  Where a graph has several bugs, each is
    sought among the places that have none.
    """
    sites = len(batch.site_rule)
    place = batch.option_site.index_select(0, repair)
    sound = logits.site.index_fill(0, place, LOW)
    others = segment_logsumexp(sound, batch.site_graph, batch.num_graphs)
    others = others.index_select(0, batch.site_graph.index_select(0, place))
    where = F.softplus(others - logits.site.index_select(0, place))
    options = torch.where(batch.option_is_chosen, LOW, logits.option)
    which = segment_logsumexp(options, batch.option_site, sites).index_select(0, place) - options.index_select(0, repair)
    return (where + which).clamp_max(50.0)


def focused(loss: Tensor, wrong: Tensor, focal: float) -> Tensor:
    """``loss`` [graphs] with its gate's part -log p weighted by (1 - p)^focal, the focal loss of Lin et al. 2017, eq. 4.

    ``wrong`` [graphs]: log-odds of the gate for the wrong answer, so p = sigmoid(-wrong).  What is decided already counts less;
    where and how, once there is a bug, count as before.
    """
    if not focal:
        return loss
    return loss - (1 - wrong.sigmoid() ** focal) * F.softplus(wrong)
