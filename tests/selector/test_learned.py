"""A selector's scores as probabilities of bugs."""

from __future__ import annotations

import torch

from buglab.models.batch import Batch
from buglab.models.network import Logits
from buglab.selector.learned import learned_log_p
from buglab.selector.sampling import injectable


def test_the_site_then_one_of_its_options(batch: Batch) -> None:
    dice = torch.Generator().manual_seed(0)
    sites, options = len(batch.site_rule), len(batch.option_site)
    logits = Logits(torch.zeros(batch.num_graphs), torch.randn(sites, generator=dice), torch.randn(options, generator=dice))
    p = learned_log_p(batch, logits).exp()
    allowed = injectable(batch)
    for graph in range(int(batch.graphs)):
        mine = (batch.site_graph[batch.option_site] == graph) & allowed
        of_site = batch.option_site[mine]
        able = of_site.unique()
        site = torch.zeros(sites).index_copy(0, able, logits.site[able].softmax(0))
        for number in able.tolist():
            here = mine & (batch.option_site == number)
            torch.testing.assert_close(p[here], site[number] * logits.option[here].softmax(0), atol=1e-5, rtol=1e-4)
    assert not p[~allowed].any()
