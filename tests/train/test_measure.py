from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from buglab.data.dataset import Corpus
from buglab.graph.labels import RULES
from buglab.graph.pack import Budget
from buglab.models.batch import Batch
from buglab.models.config import NetworkConfig
from buglab.models.network import Logits, Network
from buglab.train.evaluate import evaluate
from buglab.train.measure import averaged, figures, judge, packed_in_order

BUDGET = Budget(nodes=1500, blocks=90, block=64, texts=900, sites=600, options=4000, cells=30000, graphs=20)
CPU = torch.device("cpu")


@pytest.fixture
def functions(tiny_corpus: Path) -> list:
    split = Corpus(tiny_corpus).split("train")
    return [split[i] for i in range(min(60, len(split)))]


def test_every_function_comes_once_in_order(functions: list) -> None:
    small = Budget(nodes=150, blocks=90, block=64, texts=900, sites=600, options=4000, cells=30000, graphs=20)
    fitting = [graph for graph in functions if graph.num_nodes < small.nodes]
    assert 0 < len(fitting) < len(functions)
    assert sum(int(packed.graphs[0]) for packed, _ in packed_in_order(functions, small)) == len(fitting)
    assert sum(int(packed.graphs[0]) for packed, _ in packed_in_order(functions, BUDGET)) == len(functions)


def test_the_same_seed_plants_the_same_bugs_and_leaves_other_dice_alone(functions: list) -> None:
    network = Network(NetworkConfig(hidden=16, layers=1, dropout=0.5)).train()
    detect = averaged(network, network.state_dict())
    before = torch.get_rng_state()
    one, other = (judge(detect, functions, BUDGET, 3, CPU) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert network.training
    for name in ("rule", "score", "solved", "clean_score"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert not np.array_equal(one.rule, judge(detect, functions, BUDGET, 4, CPU).rule)
    assert not (one.solved & ~one.placed).any()
    assert not (one.solved & ~one.repaired).any()


def test_a_detector_that_always_says_no_bug_finds_nothing_and_alarms_nobody(functions: list) -> None:
    def silent(batch: Batch) -> Logits:
        return Logits(
            torch.full((batch.num_graphs,), -9.0), torch.zeros(len(batch.chosen)), torch.zeros(len(batch.option_site))
        )

    evaluation = evaluate(judge(silent, functions, BUDGET, 0, CPU), RULES)
    assert evaluation.overall.joint.hits == evaluation.overall.localization.hits == evaluation.false_alarms.hits == 0
    assert sum(row.joint.cases for row in evaluation.rules.values()) == evaluation.overall.joint.cases


def test_a_detector_that_knows_the_originals_is_perfect(functions: list) -> None:
    """It recognises a mutant by its options: the written one of a clean function, remembered by what surrounds it."""
    originals: list[torch.Tensor] = [
        batch.chosen for batch in (Batch.of(packed) for packed, _ in packed_in_order(functions, BUDGET))
    ]
    asked = iter([chosen for chosen in originals for _ in range(2)])  # the mutants and the clean twins of each batch

    def oracle(batch: Batch) -> Logits:
        right = next(asked)
        wrong = batch.chosen != right
        gate = torch.full((batch.num_graphs,), -9.0).index_put((batch.site_graph[wrong],), torch.tensor(9.0))
        option = torch.zeros(len(batch.option_site)).index_put((right,), torch.tensor(9.0))
        return Logits(gate, 9.0 * wrong.float(), option)

    judged = judge(oracle, functions, BUDGET, 0, CPU)
    assert judged.solved.all()
    assert judged.repaired.all()
    assert (judged.score > 0).all()
    assert (judged.clean_score < 0).all()
    assert figures(judged)["valid/joint"] == figures(judged)["valid/recall_at_fpr_1"] == 1
