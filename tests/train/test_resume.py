"""A run that is interrupted and continued is the run that was not interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from buglab.train.checkpoint import STATE, TENSORS, read_state
from buglab.train.main import main

from .conftest import TINY, only_run

OFF = [*TINY, "tracking=none"]


def last(home: Path, name: str) -> Path:
    folder = only_run(home, name) / "checkpoints"
    return folder / json.loads((folder / "index.json").read_text())["last"]


def test_two_halves_are_a_whole_bit_for_bit(tiny_home: Path) -> None:
    dicing = [*OFF, "game.decay_from=1.0", "game.crowd=4", "network.dropout=0.1", "network.word_dropout=0.1"]
    assert main([*dicing, "name=whole", "limits.max_steps=6"]) == 0
    assert main([*dicing, "name=halves", "limits.max_steps=3"]) == 0
    assert main(["name=halves", "resume=last", "limits.max_steps=6"]) == 0
    whole, halves = last(tiny_home, "whole"), last(tiny_home, "halves")
    assert (whole / TENSORS).read_bytes() == (halves / TENSORS).read_bytes()
    one, other = read_state(whole), read_state(halves)
    assert (one.step, one.feed, one.metrics) == (other.step, other.feed, other.metrics)
    assert one.step == 6


def test_resuming_keeps_the_settings_of_the_run(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*OFF, "name=run", "limits.max_steps=1"]) == 0
    assert main(["resume=last", "limits.max_steps=2"]) == 0
    state = read_state(last(tiny_home, "run"))
    assert state.step == 2
    assert state.config["network"]["hidden"] == 16
    assert state.config["corpus"]["name"] == "tiny"
    capfd.readouterr()
    assert main(["name=run", "resume=last", "network.hidden=32"]) == 2
    assert "network.hidden is 16, not 32" in capfd.readouterr().err
    assert main(["name=run", "resume=last", "debug=overfit"]) == 2
    assert "continues the same run" in capfd.readouterr().err


def test_there_must_be_something_to_resume(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*OFF, "resume=last"]) == 2
    assert "last: no run in" in capfd.readouterr().err
    assert main([*OFF, "resume=last", "name=mine"]) == 2
    assert "last: no run named 'mine'" in capfd.readouterr().err
    assert main([*OFF, f"resume={tiny_home}"]) == 2
    assert "neither a run nor a checkpoint" in capfd.readouterr().err


def test_another_corpus_schema_or_damage_is_refused(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*OFF, "name=run", "limits.max_steps=1"]) == 0
    path = last(tiny_home, "run") / STATE
    good = json.loads(path.read_text())
    for key, sentence in (("data_hash", "another corpus"), ("schema_hash", "another graph schema")):
        path.write_text(json.dumps(good | {key: "0" * 64}))
        assert main(["name=run", "resume=last", "limits.max_steps=2"]) == 2
        assert sentence in capfd.readouterr().err
    path.write_text(json.dumps(good))
    (path.parent / TENSORS).write_bytes(b"no tensors")
    assert main(["name=run", "resume=last", "limits.max_steps=2"]) == 2
    assert "does not have its SHA-256" in capfd.readouterr().err


def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*OFF, "name=run", "limits.max_steps=3", "limits.save_minutes=1e-9", "game.decay_from=1.0"]) == 0
    newest = last(tiny_home, "run")
    good = (newest / TENSORS).read_bytes()
    (newest / TENSORS).write_bytes(good[:-1])
    capfd.readouterr()
    assert main(["name=run", "resume=last", "limits.max_steps=3"]) == 0
    error = capfd.readouterr().err
    assert "does not have its SHA-256" in error
    assert f"going back to {newest.parent / 'step-00000002'}" in error
    assert (newest / TENSORS).read_bytes() == good  # taken again, the step is the same


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_checkpoint(
    tiny_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wild = ["game.rate=1e18", "game.warmup=1", "game.clip=1e30", "limits.save_minutes=1e-9", "limits.max_steps=9"]
    assert main([*OFF, "name=wild", *wild]) == 2
    error = capfd.readouterr().err
    assert "is not a finite number at step" in error
    assert "Traceback" not in error
    assert str(last(tiny_home, "wild")) in error


def test_a_setting_that_is_no_more_ends_a_run_but_not_its_weights(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*OFF, "name=first", "limits.max_steps=1"]) == 0
    path = last(tiny_home, "first") / STATE
    state = json.loads(path.read_text())
    state["config"]["game"]["gone"] = 1
    path.write_text(json.dumps(state))
    assert main([*OFF, "name=first", "resume=last", "limits.max_steps=2"]) == 2
    assert "made by another version of BugLab: Key 'gone'" in capfd.readouterr().err
    assert main([*OFF, "name=second", f"start_from='{only_run(tiny_home, 'first')}'", "limits.max_steps=1"]) == 0


def test_a_run_may_begin_with_the_weights_of_another(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*OFF, "name=first", "limits.max_steps=1"]) == 0
    start = only_run(tiny_home, "first")
    assert main([*OFF, "name=second", "seed=5", f"start_from='{start}'", "limits.max_steps=1"]) == 0
    assert "beginning with the weights" in capfd.readouterr().err
    state = read_state(last(tiny_home, "second"))
    assert state.step == 1
    assert [(sitting["name"], sitting["steps"]) for sitting in state.history] == [("first", 1)]
    assert main([*OFF, "name=third", f"start_from='{only_run(tiny_home, 'second')}'", "limits.max_steps=1"]) == 0
    assert [sitting["name"] for sitting in read_state(last(tiny_home, "third")).history] == ["first", "second"]
