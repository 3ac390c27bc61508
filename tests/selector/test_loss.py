"""What is earned, and that the selector's gradient goes after it."""

from __future__ import annotations

import pytest
import torch

from buglab.models.batch import Batch
from buglab.selector.loss import HOPELESS, reward, selector_loss
from buglab.selector.sampling import draw, normalise
from buglab.selector.uniform import uniform_log_p


def test_trouble_earns_up_to_a_bound_and_middling_most_at_one_half() -> None:
    trouble = torch.tensor([0.0, 0.5, 0.75, 1.0]).log().neg()
    assert reward(trouble)[[3, 0]].tolist() == [0.0, HOPELESS]
    assert reward(trouble, "middling").tolist() == pytest.approx([0.0, 1.0, 0.75, 0.0])


def test_what_earned_more_becomes_more_likely(batch: Batch) -> None:
    prior = uniform_log_p(batch)
    weight = torch.zeros(len(prior), requires_grad=True)
    option = draw(batch, prior, torch.Generator().manual_seed(0))
    played = batch.is_real & (torch.arange(batch.num_graphs) != 2)
    earned = torch.arange(batch.num_graphs).float()
    loss = selector_loss(batch, normalise(batch, weight), prior, option, earned, played, leash=0.0)
    (gradient,) = torch.autograd.grad(loss, weight)
    at = gradient[option]
    assert at[0] > 0, "less than the mean was earned: less likely"
    assert at[int(batch.graphs) - 1] < 0, "more than the mean: more likely"
    assert not gradient[batch.site_graph[batch.option_site] == 2].any(), "drawn by another"


def test_the_leash_is_the_divergence_from_the_prior(batch: Batch) -> None:
    prior = uniform_log_p(batch)
    log_p = normalise(batch, torch.randn(len(prior), generator=torch.Generator().manual_seed(0)))
    nobody = torch.zeros(batch.num_graphs, dtype=torch.bool)
    option = torch.full((batch.num_graphs,), len(prior) - 1)
    loss = selector_loss(batch, log_p, prior, option, torch.zeros(batch.num_graphs), nobody, leash=2.0)
    p, q = log_p.double().exp(), prior.double().exp()
    live = p > 0
    expected = 2 * (p[live] * (p[live] / q[live]).log()).sum() / int(batch.graphs)
    assert float(loss) == pytest.approx(float(expected), rel=1e-4)
    assert float(loss) > 0
    assert float(selector_loss(batch, prior, prior, option, torch.zeros(batch.num_graphs), nobody, 2.0)) == pytest.approx(0)
