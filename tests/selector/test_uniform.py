"""Random bugs come in the shares they are said to come in."""

from __future__ import annotations

import pytest
import torch

from buglab.graph.labels import RULES
from buglab.models.batch import Batch
from buglab.selector.sampling import injectable
from buglab.selector.uniform import KIND_WEIGHT, KINDS, uniform_log_p


def by_rule(batch: Batch, p: torch.Tensor, graph: int) -> torch.Tensor:
    """[rules] probability of each rule in a graph."""
    mine = batch.site_graph[batch.option_site] == graph
    return torch.zeros(len(RULES)).index_add(0, batch.site_rule[batch.option_site[mine]], p[mine])


@pytest.mark.parametrize("kinds", KINDS)
def test_probabilities_are_over_what_can_be_injected(batch: Batch, kinds: str) -> None:
    p = uniform_log_p(batch, kinds).exp()
    assert not p[~injectable(batch)].any()
    total = torch.zeros(batch.num_graphs).index_add(0, batch.site_graph[batch.option_site], p)
    torch.testing.assert_close(total[batch.is_real], torch.ones(int(batch.graphs)))


def test_rules_have_their_weights_and_options_of_a_site_are_alike(batch: Batch) -> None:
    p = uniform_log_p(batch).exp()
    shares = by_rule(batch, p, 0)
    there = shares > 0
    weight = torch.tensor([KIND_WEIGHT.get(code, 0.01) for code in RULES])[there]
    assert there.sum() > 2
    torch.testing.assert_close(shares[there], weight / weight.sum(), atol=0.02, rtol=0.1)
    site = int(batch.option_site[p.argmax()])
    of_site = p[(batch.option_site == site) & injectable(batch)]
    torch.testing.assert_close(of_site, of_site[:1].expand_as(of_site))


def test_other_mixes(batch: Batch) -> None:
    shares = by_rule(batch, uniform_log_p(batch, "level").exp(), 0)
    there = shares[shares > 0]
    torch.testing.assert_close(there, torch.full_like(there, 1 / len(there)), atol=0.02, rtol=0.1)
    every = uniform_log_p(batch, "every").exp()
    mine = every[(batch.site_graph[batch.option_site] == 0) & injectable(batch)]
    torch.testing.assert_close(mine, torch.full_like(mine, 1 / len(mine)))
