"""The game with each of its switches: it learns, and says what it did."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace

import pytest
import torch

from buglab.graph.build import extract
from buglab.graph.pack import Budget, Packed, pack
from buglab.models.batch import Batch
from buglab.models.config import NetworkConfig
from buglab.rewrites.source import Source
from buglab.selector.uniform import uniform_log_p
from buglab.train.replicas import Replicas
from buglab.train.step import Game, GameConfig

BUDGET = Budget(nodes=600, blocks=60, block=32, texts=200, sites=150, options=1000, cells=6_000, graphs=6)
NETWORK = NetworkConfig(hidden=16, layers=2)
SIZE = {"selector_hidden": 8, "warmup": 1, "decay_from": 1.0}
SWITCHES = [
    {},
    {"selector": "uniform"},
    {"mutants": 3},
    {"crowd": 4.0, "decay_from": 0.5},
    {"crowd": 4.0, "decay_from": 0.5, "weighted": True, "focal": 1.0},
    {"focal": 2.0},
    {"reward": "middling"},
    {"leash": 0.5},
    {"weighted": True},
    {"weighted": True, "selector": "uniform"},
    {"kinds": "level"},
    {"kinds": "every"},
]


@pytest.fixture(scope="module")
def packed() -> Packed:
    units = extract(Source.parse(inspect.getsource(textwrap)))
    return pack([u.graph for u in units if u.graph.num_sites and u.graph.num_nodes < 140][:4], BUDGET)[0]


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
def test_the_detector_learns_a_batch(switch: dict[str, object], packed: Packed) -> None:
    game = Game(NETWORK, GameConfig(**SIZE | {"rate": 1e-2} | switch), torch.device("cpu"))
    losses = [float(game.step(packed, 0.0)["detector/loss"]) for _ in range(14)]
    assert sum(losses[-4:]) < 0.9 * sum(losses[:4])
    assert all(torch.isfinite(value).all() for value in game.state_dict().values())


def test_steps_of_the_same_seed_are_the_same(packed: Packed) -> None:
    one, two = (Game(NETWORK, GameConfig(**SIZE, mutants=2), torch.device("cpu"), seed=3) for _ in range(2))
    for _ in range(3):
        assert {k: float(v) for k, v in one.step(packed, 0.0).items()} == {
            k: float(v) for k, v in two.step(packed, 0.0).items()
        }


def test_a_selector_joins_a_game_played_without(packed: Packed) -> None:
    alone = Game(NETWORK, GameConfig(**SIZE | {"selector": "uniform"}), torch.device("cpu"))
    alone.step(packed, 0.0)
    joined = Game(NETWORK, GameConfig(**SIZE), torch.device("cpu"), seed=1)
    joined.load_state_dict(alone.state_dict())
    assert joined.steps == 1
    assert all(torch.equal(joined.average[name], value) for name, value in alone.average.items())
    assert "selector/loss" in joined.step(packed, 0.0)


def test_a_selector_learns_what_to_expect(packed: Packed) -> None:
    game = Game(NETWORK, GameConfig(**SIZE, rate=0.0, selector_rate=1e-2), torch.device("cpu"))
    losses = [float(game.step(packed, 0.0)["selector/loss"]) for _ in range(60)]
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


def test_a_real_bug_is_hidden_again() -> None:
    units = extract(Source.parse(inspect.getsource(textwrap)))
    graphs = [u.graph for u in units if u.graph.num_sites and u.graph.num_nodes < 140][:4]
    bugs = [next(o for o in range(1, 9) if graph.cell_ptr[o + 1] > graph.cell_ptr[o]) for graph in graphs[:2]]
    known = [replace(graph, bug=bug) for graph, bug in zip(graphs, bugs, strict=False)]
    batch = Batch.of(pack([*known, *graphs[2:]], BUDGET)[0])
    game = Game(NETWORK, GameConfig(**SIZE), torch.device("cpu"))
    prior = uniform_log_p(batch, "real")
    rounds = [game._round(batch, prior, prior, torch.zeros_like(prior)) for _ in range(20)]
    expected = [bugs[0], graphs[0].num_options + bugs[1]]
    assert all(played.option[:2].tolist() == expected for played in rounds)
    assert not any(played.by_selector[:2].any() for played in rounds)
    assert len({int(played.option[2]) for played in rounds}) > 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"reward": "fame"}, "game.reward is 'fame'; it can be trouble, middling"),
        ({"kinds": "odd"}, "game.kinds is 'odd'; it can be fixes, real, level, every"),
        ({"selector": "clever"}, "game.selector is 'clever'; it can be learned or uniform"),
        ({"mutants": 0}, "game.mutants must be at least 1"),
        ({"leash": 0.0}, "game.leash above 0"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Game(NETWORK, GameConfig(**SIZE, **wrong), torch.device("cpu"))


def test_the_mean_is_over_what_counts() -> None:
    values = torch.tensor([1.0, float("nan"), 3.0])
    assert Replicas().mean_over(values, torch.tensor([True, False, True])) == 2
    assert Replicas().mean_over(values, torch.zeros(3, dtype=torch.bool)) == 0
