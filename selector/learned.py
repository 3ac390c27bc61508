"""Bugs chosen by a network that learns what is hard for the detector."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..graph.labels import RULES
from ..models.batch import Batch
from ..models.network import Logits
from ..models.segments import LOW, segment_count, segment_logsumexp
from .loss import HOPELESS
from .sampling import normalise

OPINIONS = 7
"""Numbers that ``opinions`` gives for each bug."""


class Selector(nn.Module):
    """How much trouble each bug would be, from what the detector says of the function as it is.

    A detector that half believes of sound code that another variable belongs there will not undo it once it stands there; so
    its own scores tell more than a second reading of the code would, at next to no cost (figures: docs/training.md).
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.opinions = nn.Linear(OPINIONS, hidden)
        self.rule = nn.Embedding(len(RULES), hidden)
        self.hidden = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, batch: Batch, prior: Tensor, logits: Logits) -> Tensor:
        """[options] what the selector expects to earn with each bug, in nats.

        ``logits``: the detector's of the clean ``batch``, to which no gradient flows; ``prior``: [options] log-probabilities.
        """
        of_rule = self.rule(batch.site_rule).index_select(0, batch.option_site)
        seen = F.gelu(self.opinions(opinions(batch, prior, logits)) + of_rule, approximate="tanh")
        return self.out(F.gelu(self.hidden(seen), approximate="tanh")).squeeze(1).float()


@torch.no_grad()
def opinions(batch: Batch, prior: Tensor, logits: Logits) -> Tensor:
    """[options, OPINIONS] what there is to know of each bug, in nats over 4.

    Of its function: the log-odds of any bug, the logarithm of the number of sites, and how strong they are together; log
    p(site | bug); log p(rewrite) beside what is written and among all of its site; and the ``prior``.
    """
    graph, site = batch.site_graph, batch.option_site
    number = segment_count(graph, batch.num_graphs).clamp_min(1).log()
    places = segment_logsumexp(logits.site, graph, batch.num_graphs)
    rewrites = segment_logsumexp(logits.option, site, len(batch.site_rule))
    of_function = torch.stack([logits.gate, number, places], 1).index_select(0, graph)
    of_site = torch.cat([of_function, (logits.site - of_function[:, 2]).unsqueeze(1)], 1).index_select(0, site)
    beside = logits.option.index_select(0, batch.chosen).index_select(0, site), rewrites.index_select(0, site)
    of_rewrite = torch.stack([*(logits.option - other for other in beside), prior], 1)
    return torch.cat([of_site, of_rewrite], 1).clamp(-20, 20) / 4


def learned_log_p(batch: Batch, prior: Tensor, earnings: Tensor, leash: float) -> Tensor:
    """[options] log-probability of each bug: prior * exp(earnings / leash), normalised within each graph.

    Of all choices q this one has the largest E[earnings] - leash * KL(q || prior) (Levine 2018, section 2.4; Korbak et al.
    2022, eq. 4), so nothing has to be learned but the ``earnings`` [options], which are taken within their bounds: no bug is
    ever less likely than exp(-HOPELESS / leash) times what it is to the ``prior`` [options], log-probabilities.
    """
    tilt = earnings.detach().clamp(0, HOPELESS) / leash
    return normalise(batch, torch.where(prior > LOW / 2, prior + tilt, LOW))
