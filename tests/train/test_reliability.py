"""What makes a finding right is learned from real bugs beside planted ones, and judged on projects it was not learned from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from buglab.data.dataset import Corpus
from buglab.data.header import Project
from buglab.graph.delta import apply
from buglab.graph.labels import RULES
from buglab.graph.pack import Budget, fits
from buglab.graph.schema import NULL, CodeGraph
from buglab.models.batch import MAX_CELLS
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.models.segments import LOW
from buglab.scan.features import features
from buglab.scan.reliability import NUMBERS, RISING
from buglab.scan.runtime import Scores
from buglab.train.errors import TrainError
from buglab.train.export import _log_p
from buglab.train.measure import Judged, judge
from buglab.train.reliability import held_out, learn

BUDGET = Budget(nodes=1500, blocks=90, block=64, texts=900, sites=600, options=4000, cells=30000, graphs=20)
CPU = torch.device("cpu")


class Fixes(list[CodeGraph]):
    """Graphs of some projects, as a split of a corpus gives them."""

    projects = "ab"

    def provenance(self, index: int) -> tuple[Project, str]:
        return Project(self.projects[index % len(self.projects)], "", "", ""), ""


class OfOne(Fixes):
    projects = "a"


@pytest.fixture
def real(tiny_corpus: Path) -> Fixes:
    """Functions in which somebody had written the first option that changes little."""
    split = Corpus(tiny_corpus).split("train")
    graphs = [graph for graph in split if graph.num_sites and fits(graph, BUDGET)][:20]
    cells = [np.diff(graph.cell_ptr) for graph in graphs]
    return Fixes(
        replace(graph, bug=int(np.argmax((few > 0) & (few <= MAX_CELLS)))) for graph, few in zip(graphs, cells, strict=True)
    )


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network(NetworkConfig(hidden=16, layers=1)).eval()


def judged(number: int, seed: int = 0) -> Judged:
    """Proposals that are right where two of their numbers say so, and clean functions whose score is lower."""
    dice = np.random.default_rng(seed)
    known, clean = (dice.normal(mean, 1, (number, len(NUMBERS))) for mean in (1.0, 0.0))
    solved = known[:, 0] + known[:, 1] + dice.normal(0, 1, number) > 2
    rules = dice.integers(0, len(RULES), number).astype(np.int32)
    return Judged(rules, rules, solved, solved, solved, rules, known, clean, np.arange(number))


def test_what_is_known_of_a_mutant_is_what_a_scan_of_its_text_would_know(real: Fixes, network: Network) -> None:
    found = judge(network, real, BUDGET, 0, CPU)
    assert sorted(found.place) == sorted(set(found.place)) != []
    for row, place in enumerate(found.place):
        graph = real[place]
        for shown, mine in ((apply(graph, graph.bug), found.features[row]), (graph, found.clean_features[row])):
            no_bug, option = _log_p(network, shown)
            known = features(shown, Scores(no_bug, np.where(option > LOW / 2, option, -np.inf)))
            np.testing.assert_allclose(mine, known[int(option.argmax())], atol=1e-4)


def test_bugs_are_judged_by_what_was_learned_from_other_projects() -> None:
    real, planted = judged(200), judged(300, seed=1)
    projects = np.array(["a", "b"] * 100)
    before = held_out(real, projects, planted)  # type: ignore[arg-type]
    mine = projects == "a"
    turned = replace(real, solved=real.solved ^ mine)
    after = held_out(turned, projects, planted)  # type: ignore[arg-type]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one[mine], other[mine])
        assert not np.isclose(one[~mine], other[~mine]).any()


def test_weights_are_learned_from_both(real: Fixes, network: Network) -> None:
    planted = judged(500)
    learned = learn(network, real, planted, BUDGET, CPU)  # type: ignore[arg-type]
    assert (learned.bugs, learned.projects) == (len(real), 2)
    assert learned.weights.numbers[:RISING].min() >= 0
    assert learned.weights.numbers[0] > 0.1
    assert learned.weights.numbers[1] > 0.1
    assert len(learned.weights.rules) == len(RULES)
    assert learned.sentence().startswith(f"on {len(real)} real bugs of 2 projects, fitted to the others of them: solved ")


def test_too_few_to_learn_from_are_told(real: Fixes, network: Network) -> None:
    with pytest.raises(TrainError, match="they are of a single project"):
        learn(network, OfOne(real), judged(50), BUDGET, CPU)  # type: ignore[arg-type]
    unknown = Fixes(replace(graph, bug=NULL) for graph in real)
    with pytest.raises(TrainError, match="there are no functions to judge"):
        learn(network, unknown, judged(50), BUDGET, CPU)  # type: ignore[arg-type]
