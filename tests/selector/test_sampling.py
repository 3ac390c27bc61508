"""Drawing follows the probabilities."""

from __future__ import annotations

import torch

from buglab.models.batch import Batch, apart
from buglab.models.segments import LOW
from buglab.selector.sampling import draw, draw_more, injectable
from buglab.selector.uniform import uniform_log_p


def test_one_option_of_each_graph_and_padding_for_the_rest(batch: Batch) -> None:
    option = draw(batch, uniform_log_p(batch), torch.Generator().manual_seed(0))
    real = int(batch.graphs)
    assert batch.site_graph[batch.option_site[option[:real]]].tolist() == list(range(real))
    assert injectable(batch)[option[:real]].all()
    assert (option[real:] == len(batch.option_site) - 1).all()


def test_the_same_seed_draws_the_same(batch: Batch) -> None:
    log_p = uniform_log_p(batch)
    first, again, other = (draw(batch, log_p, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_graph_without_anything_to_inject_draws_padding(batch: Batch) -> None:
    log_p = uniform_log_p(batch)
    log_p = torch.where(batch.site_graph[batch.option_site] == 1, LOW, log_p)
    assert draw(batch, log_p, torch.Generator().manual_seed(0))[1] == len(log_p) - 1


def test_a_crowd_has_so_many_bugs_at_different_sites_that_can_all_be_applied(batch: Batch) -> None:
    log_p, dice = uniform_log_p(batch), torch.Generator().manual_seed(0)
    none, real = len(log_p) - 1, int(batch.graphs)
    sites = batch.site_graph.bincount(minlength=batch.num_graphs)[:real]
    found = torch.zeros(real)
    for _ in range(20):
        drawn = draw(batch, log_p, dice)
        more = draw_more(batch, log_p, drawn, 6.0, dice)
        crowd = torch.cat([drawn, more])
        assert apart(batch, crowd).all()
        crowd = crowd[crowd != none]
        assert len(batch.option_site[crowd].unique()) == len(crowd)
        assert injectable(batch)[crowd].all()
        more = more[more != none]
        found += batch.site_graph[batch.option_site[more]].bincount(minlength=batch.num_graphs)[:real] / 20
    assert (found < sites / 6 + 0.5).all()
    assert (found > 0.6 * sites / 6 - 0.5).all(), "hardly any is lost because it touches another"
