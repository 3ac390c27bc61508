"""Weights carried over to graphs with more labels, roles, rules and relations."""

from __future__ import annotations

import pytest
import torch

from buglab.graph.labels import VOCABULARIES
from buglab.models.config import NetworkConfig
from buglab.train.errors import CheckpointError
from buglab.train.growth import grown
from buglab.train.step import Game, GameConfig


def game(seed: int, hidden: int = 8) -> Game:
    config = GameConfig(selector_hidden=4)
    return Game(NetworkConfig(hidden, 2, "relational"), config, torch.device("cpu"), seed)


def test_nothing_changes_where_the_vocabularies_are_the_same() -> None:
    old, new = game(0).state_dict(), game(1).state_dict()
    found = grown(old, new, VOCABULARIES, VOCABULARIES)
    weights = [name for name in old if name.startswith(("detector/", "selector/", "average/"))]
    assert weights
    assert all(torch.equal(found[name], old[name]) for name in weights)
    game(2).load_state_dict(found)


def test_rows_move_with_what_they_stand_for() -> None:
    now = VOCABULARIES
    before = {name: tuple(reversed(words[1:])) for name, words in now.items()}  # one word fewer, and another order
    fresh = game(1).state_dict()
    old = dict(fresh)
    for name in ("detector/embedding.label.weight", "detector/encoder.layers.1.weight"):
        kind = "labels" if "label" in name else "relations"
        times = len(fresh[name]) // len(now[kind])
        old[name] = torch.stack([torch.full(fresh[name].shape[1:], float(i)) for i in range(times * len(before[kind]))])
    for name, value in fresh.items():
        if name.startswith(("detector/", "selector/", "average/")) and name not in (
            "detector/embedding.label.weight",
            "detector/encoder.layers.1.weight",
        ):
            for part, kind, times in (
                ("label.weight", "labels", 1),
                ("role.weight", "roles", 1),
                ("site_rule", "rules", 1),
                ("contrast", "rules", 1),
                ("selector/rule", "rules", 1),
            ):
                if part in name:
                    old[name] = value[: times * len(before[kind])]
            if "encoder.layers" in name and value.dim() == 3:
                old[name] = value[: 2 * len(before["relations"])]
    found = grown(old, fresh, before, now)
    label = found["detector/embedding.label.weight"]
    assert torch.equal(label[0], fresh["detector/embedding.label.weight"][0])  # new: as it was made
    assert float(label[1, 0]) == len(now["labels"]) - 2  # the last of the reversed ones
    assert float(label[-1, 0]) == 0
    layer = found["detector/encoder.layers.1.weight"]
    many, few = len(now["relations"]), len(before["relations"])
    assert torch.equal(layer[many], fresh["detector/encoder.layers.1.weight"][many])
    assert float(layer[many + 1, 0, 0]) == few + few - 1  # against the edges
    assert float(layer[many - 1, 0, 0]) == 0


def test_another_size_is_refused_with_a_sentence() -> None:
    with pytest.raises(CheckpointError, match="needs the same settings"):
        grown(game(0, hidden=12).state_dict(), game(1).state_dict(), VOCABULARIES, VOCABULARIES)
