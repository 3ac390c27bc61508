"""A batch mutated on the device is the batch of the mutated graphs."""

from __future__ import annotations

import inspect
import shlex
from dataclasses import fields

import pytest
import torch

from buglab.graph.build import extract
from buglab.graph.delta import apply
from buglab.graph.pack import Budget, pack
from buglab.models.batch import Batch, apart, mutate
from buglab.rewrites.source import Source
from buglab.selector.sampling import draw, draw_more
from buglab.selector.uniform import uniform_log_p

BUDGET = Budget(nodes=3000, blocks=120, block=64, texts=1000, sites=800, options=6000, cells=40_000, graphs=24)


@pytest.mark.parametrize("kinds", ["level", "every"])
def test_mutate_is_apply_on_every_graph(kinds: str) -> None:
    graphs = [u.graph for u in extract(Source.parse(inspect.getsource(shlex))) if u.graph.num_sites and u.graph.num_nodes < 400]
    packed, left = pack(graphs, BUDGET)
    graphs = [graph for number, graph in enumerate(graphs) if number not in left]
    assert len(graphs) > 4
    batch = Batch.of(packed)
    option = draw(batch, uniform_log_p(batch, kinds), torch.Generator().manual_seed(0))
    option[0] = len(batch.option_site) - 1  # this graph stays as it is
    found = mutate(batch, option)
    ends = torch.tensor([graph.num_options for graph in graphs]).cumsum(0)
    first = [0, *ends.tolist()]
    changed = [graphs[0], *(apply(graph, int(option[i]) - first[i]) for i, graph in enumerate(graphs) if i)]
    repacked, _ = pack(changed, BUDGET)
    expected = Batch.of(repacked)
    for field in fields(Batch):
        if field.name not in ("cells", "source", "target"):  # cells stay relative to the code as it was
            assert torch.equal(getattr(found, field.name), getattr(expected, field.name)), field.name
    assert edges(found) == edges(expected)
    assert edges(found) != edges(batch)


def test_bugs_that_are_apart_can_be_applied_in_any_order(batch_of_many: Batch) -> None:
    batch, dice = batch_of_many, torch.Generator().manual_seed(0)
    log_p = uniform_log_p(batch)
    drawn = draw(batch, log_p, dice)
    crowd = torch.cat([drawn, draw_more(batch, log_p, drawn, 4.0, dice)])
    crowd = crowd[crowd != len(log_p) - 1]
    assert len(crowd) > 2 * int(batch.graphs)
    one_by_one = batch
    for option in crowd.flip(0):
        one_by_one = mutate(one_by_one, option.view(1))
    together = mutate(batch, crowd)
    assert all(torch.equal(getattr(together, field.name), getattr(one_by_one, field.name)) for field in fields(Batch))


def test_what_changes_the_same_is_not_apart(batch_of_many: Batch) -> None:
    option = draw(batch_of_many, uniform_log_p(batch_of_many), torch.Generator().manual_seed(0))[:2]
    assert apart(batch_of_many, option).tolist() == [True, True]
    assert apart(batch_of_many, torch.cat([option, option])).tolist() == [True, True, False, False]


def edges(batch: Batch) -> list[list[int]]:
    """Relation, source, target of every edge, in order of these: an edge that appears may lie in another slot."""
    each = torch.stack([batch.edges.relation_of_each, batch.source, batch.target], 1)
    return sorted(each[batch.source != len(batch.label) - 1].tolist())


def test_nodes_know_their_graph(batch_of_two: tuple[Batch, list[int]]) -> None:
    batch, sizes = batch_of_two
    expected = [0] * sizes[0] + [1] * sizes[1] + [-1] * (len(batch.label) - sum(sizes))
    assert batch.edges.graph.tolist() == expected


@pytest.fixture(scope="module")
def batch_of_many() -> Batch:
    graphs = [u.graph for u in extract(Source.parse(inspect.getsource(shlex))) if u.graph.num_sites and u.graph.num_nodes < 400]
    return Batch.of(pack(graphs, BUDGET)[0])


@pytest.fixture
def batch_of_two() -> tuple[Batch, list[int]]:
    graphs = [u.graph for u in extract(Source.parse("def f(x):\n    return x + 1\n\ndef g(y):\n    return -y\n"))[1:]]
    packed, left = pack(graphs, BUDGET)
    assert not left
    return Batch.of(packed), [graph.num_nodes for graph in graphs]
