"""A selector's expectations as probabilities of bugs."""

from __future__ import annotations

import pytest
import torch

from buglab.models.batch import Batch
from buglab.models.network import Logits
from buglab.models.segments import LOW
from buglab.selector.learned import expected, learned_log_p
from buglab.selector.loss import HOPELESS
from buglab.selector.sampling import injectable
from buglab.selector.uniform import uniform_log_p


@pytest.fixture
def earnings(batch: Batch) -> torch.Tensor:
    return 4 * torch.rand(len(batch.option_site), generator=torch.Generator().manual_seed(0))


def test_earnings_are_of_the_function_the_site_and_the_rewrite(batch: Batch) -> None:
    logits = Logits(
        torch.arange(batch.num_graphs) * 1e4, torch.arange(len(batch.site_rule)) * 1.0, torch.rand(len(batch.option_site))
    )
    site = batch.option_site
    torch.testing.assert_close(
        expected(batch, logits), logits.gate[batch.site_graph[site]] + logits.site[site] + logits.option, rtol=0, atol=0.02
    )


def test_no_other_choice_earns_more_on_its_leash(batch: Batch, earnings: torch.Tensor) -> None:
    """E[earnings] - leash * KL(choice || prior) in each graph falls on every way off."""
    prior, leash = uniform_log_p(batch), 2.5
    graph = batch.site_graph[batch.option_site]

    def worth(log_p: torch.Tensor) -> torch.Tensor:
        live = prior > LOW / 2
        gain = torch.where(live, log_p.exp() * (earnings - leash * (log_p - prior)), 0.0)
        return torch.zeros(batch.num_graphs).index_add(0, graph, gain)[: int(batch.graphs)]

    best = worth(learned_log_p(batch, prior, earnings, leash))
    dice = torch.Generator().manual_seed(1)
    for other in (0.5, 2.0, 5.0):
        assert (best > worth(learned_log_p(batch, prior, earnings, other)) + 1e-4).any()
        assert (best >= worth(learned_log_p(batch, prior, earnings, other)) - 1e-4).all()
    for _ in range(20):
        noise = torch.randn(len(prior), generator=dice)
        assert (best >= worth(learned_log_p(batch, prior, (earnings + noise).clamp(0, HOPELESS), leash)) - 1e-4).all()
    assert (best >= worth(prior) - 1e-4).all()


def test_no_bug_of_the_prior_leaves_the_game(batch: Batch) -> None:
    prior = uniform_log_p(batch)
    wild = 100 * torch.randn(len(prior), generator=torch.Generator().manual_seed(0))
    log_p = learned_log_p(batch, prior, wild, 2.5)
    allowed = injectable(batch)
    assert (log_p[allowed] >= prior[allowed] - HOPELESS / 2.5 - 1e-4).all()
    assert (log_p[~allowed] < LOW / 2).all()
