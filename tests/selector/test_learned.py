"""A selector's expectations as probabilities of bugs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from buglab.detector.decode import decode
from buglab.models.batch import Batch
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.models.segments import LOW
from buglab.selector.learned import OPINIONS, Selector, learned_log_p, opinions
from buglab.selector.loss import HOPELESS
from buglab.selector.sampling import injectable
from buglab.selector.uniform import uniform_log_p


@pytest.fixture
def earnings(batch: Batch) -> torch.Tensor:
    return 4 * torch.rand(len(batch.option_site), generator=torch.Generator().manual_seed(0))


def test_opinions_are_what_the_detector_says(batch: Batch) -> None:
    """They are those of ``detector.decode``, and what no probability sees, no opinion sees."""
    torch.manual_seed(0)
    logits = Network(NetworkConfig(hidden=16, layers=2))(batch)
    prior, verdict = uniform_log_p(batch), decode(batch, logits)
    found = 4 * opinions(batch, prior, logits)
    assert found.shape == (len(prior), OPINIONS)
    assert not found.requires_grad
    real = injectable(batch)
    graph = batch.site_graph[batch.option_site]
    place = verdict.site[batch.option_site]
    torch.testing.assert_close(found[real, 0], logits.gate[graph][real].detach())
    torch.testing.assert_close(found[real, 3], place[real].detach())
    written = logits.option[batch.chosen[batch.option_site]]
    torch.testing.assert_close(found[real, 4], (logits.option - written)[real].detach())
    torch.testing.assert_close(found[real, 6], prior[real])
    shifted = replace(logits, option=logits.option + torch.randn(len(batch.site_rule))[batch.option_site])
    torch.testing.assert_close(4 * opinions(batch, prior, shifted), found, atol=1e-4, rtol=1e-4)


def test_no_gradient_of_the_selector_reaches_the_detector(batch: Batch) -> None:
    detector, selector = Network(NetworkConfig(hidden=16, layers=2)), Selector(8)
    selector(batch, uniform_log_p(batch), detector(batch)).sum().backward()
    assert all(p.grad is None for p in detector.parameters())
    assert all(p.grad is not None and p.grad.any() for p in selector.parameters())


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
