"""What the detector pays for its verdicts."""

from __future__ import annotations

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


def focused(loss: Tensor, wrong: Tensor, focal: float) -> Tensor:
    """``loss`` [graphs] with its gate's part -log p weighted by (1 - p)^focal, the focal loss of Lin et al. 2017, eq. 4.

    ``wrong`` [graphs]: log-odds of the gate for the wrong answer, so p = sigmoid(-wrong).  What is decided already counts less;
    where and how, once there is a bug, count as before.
    """
    if not focal:
        return loss
    return loss - (1 - wrong.sigmoid() ** focal) * F.softplus(wrong)
