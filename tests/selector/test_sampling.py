"""Drawing follows the probabilities."""

from __future__ import annotations

import torch

from buglab.models.batch import Batch
from buglab.models.segments import LOW
from buglab.selector.sampling import draw, injectable
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
