"""What the scores mean as probabilities."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace

import pytest
import torch

from buglab.detector.decode import decode
from buglab.detector.loss import detector_loss, search_loss
from buglab.graph.build import extract
from buglab.graph.pack import Budget, pack
from buglab.models.batch import Batch, mutate
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.rewrites.source import Source
from buglab.selector.learned import Selector, learned_log_p
from buglab.selector.sampling import draw, draw_more, injectable
from buglab.selector.uniform import uniform_log_p

BUDGET = Budget(nodes=6000, blocks=260, block=64, texts=2000, sites=1500, options=9000, cells=60_000, graphs=64)


@pytest.fixture(scope="module")
def batch() -> Batch:
    graphs = [u.graph for u in extract(Source.parse(inspect.getsource(textwrap))) if u.graph.num_sites]
    packed, left = pack(graphs, BUDGET)
    assert not left
    return Batch.of(packed)


def sum_by_graph(batch: Batch, log_p: torch.Tensor) -> torch.Tensor:
    graph = batch.site_graph[batch.option_site]
    return torch.zeros(batch.num_graphs).index_add(0, graph, log_p.exp())[batch.is_real]


@pytest.mark.parametrize("layers", [1, 3])
def test_no_bug_and_all_rewrites_sum_to_one(batch: Batch, layers: int) -> None:
    torch.manual_seed(layers)
    verdict = decode(batch, Network(NetworkConfig(hidden=16, layers=layers)).eval()(batch))
    total = verdict.no_bug.exp()[batch.is_real] + sum_by_graph(batch, verdict.option)
    torch.testing.assert_close(total, torch.ones_like(total), atol=1e-4, rtol=0)
    assert (verdict.option[batch.option_is_chosen] < -1e8).all()


def test_the_loss_of_a_mutant_is_that_of_the_rewrite_that_undoes_it(batch: Batch) -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(hidden=16, layers=2)).eval()
    option = draw(batch, uniform_log_p(batch), torch.Generator().manual_seed(0))
    repair = batch.chosen[batch.option_site[option]]
    mutant = mutate(batch, option)
    assert (mutant.chosen[batch.option_site[option]][batch.is_real] == option[batch.is_real]).all()
    logits = network(mutant)
    expected = -decode(mutant, logits).option[repair]
    loss = detector_loss(mutant, logits, repair)
    torch.testing.assert_close(loss[batch.is_real], expected[batch.is_real])
    assert (loss[batch.is_real] < 49).all(), "the repair must be among the options of the mutant"


def test_the_bugs_of_a_crowd_do_not_compete(batch: Batch) -> None:
    torch.manual_seed(0)
    log_p, dice, none = uniform_log_p(batch), torch.Generator().manual_seed(0), len(batch.option_site) - 1
    drawn = draw(batch, log_p, dice)
    crowd = torch.cat([drawn, draw_more(batch, log_p, drawn, 8.0, dice)])
    crowd = crowd[crowd != none]
    site = batch.option_site[crowd]
    mutant = mutate(batch, crowd)
    logits = Network(NetworkConfig(hidden=16, layers=2)).eval()(mutant)
    repair = batch.chosen[site]
    found = search_loss(mutant, logits, repair)
    assert len(crowd) > batch.graphs
    for bug in range(0, len(crowd), 7):
        others = site[site != site[bug]]
        alone = decode(mutant, replace(logits, site=logits.site.index_fill(0, others, -1e9)))
        torch.testing.assert_close(found[bug], -alone.site[site[bug]] - alone.repair[repair[bug]])


@pytest.mark.parametrize("player", ["uniform", "learned"])
def test_selectors_choose_what_can_be_injected(batch: Batch, player: str) -> None:
    torch.manual_seed(0)
    log_p = uniform_log_p(batch)
    if player == "learned":
        logits = Network(NetworkConfig(hidden=16, layers=2))(batch)
        log_p = learned_log_p(batch, log_p, Selector(8)(batch, log_p, logits), leash=2.5)
    total = sum_by_graph(batch, log_p)
    torch.testing.assert_close(total, torch.ones_like(total), atol=1e-3, rtol=0)
    dice = torch.Generator().manual_seed(0)
    allowed = injectable(batch)
    counts = torch.zeros(len(log_p))
    for _ in range(400):
        option = draw(batch, log_p, dice)[batch.is_real]
        assert allowed[option].all()
        counts[option] += 1
    graph = int(batch.site_graph[batch.option_site[int(log_p.argmax())]])
    mine = (batch.site_graph[batch.option_site] == graph) & allowed
    assert (counts[mine] / 400 - log_p.exp()[mine]).abs().max() < 0.1
