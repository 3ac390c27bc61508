"""Wrong settings: one sentence, exit code 2, no traceback, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from buglab.cli.main import group
from buglab.train.main import main

from .conftest import TINY

WRONG = [
    (["limits.max_step=5"], "there is no setting 'limits.max_step'; did you mean 'limits.max_steps'?"),
    (["max_minutes=5"], "did you mean 'limits.max_minutes'?"),
    (["+colour=red"], "there is no setting 'colour'"),
    (["+limits.colour=red"], "there is no setting 'limits.colour'"),
    (["network=relationall"], "network=relationall: there is no such choice; did you mean 'relational'?"),
    (["experiment=none"], "choose from gaudi, release, search, second, smoke"),
    (["network.hidden=wide"], "network.hidden: Value 'wide' of type 'str' could not be converted to Integer"),
    (["seed=1.5"], "seed: Value '1.5'"),
    (["game.selector=clever"], "it can be learned or uniform"),
    (["network.layer=circular"], "network.layer is 'circular'"),
    (["device.name=abacus"], "it can be auto, cpu, cuda or hpu"),
    (["corpus.name=missing"], "missing: no finished corpus"),
    (["limits=["], "no viable alternative at input '['"),
    (["limits=3"], "limits: "),
    (["network=3"], "must be a string or a list"),
    (["--multirun", "--cfg=job"], "Only one of"),
]


@pytest.mark.parametrize(("overrides", "sentence"), WRONG)
def test_a_wrong_setting_is_said(
    overrides: list[str], sentence: str, tiny_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["corpus=folder", "corpus.name=tiny", "tracking=none", *overrides]) == 2
    error = capfd.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert not list((tiny_home / "runs").glob("*/checkpoints"))


def test_a_damaged_shard_is_said(tiny_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shard = sorted((tiny_home / "corpora" / "tiny").glob("train-*.shard"))[0]
    data = bytearray(shard.read_bytes())
    data[-100] ^= 1
    shard.write_bytes(data)
    assert main([*TINY, "tracking=none", "limits.max_steps=1"]) == 2
    error = capfd.readouterr().err
    assert shard.name in error
    assert "does not match its checksum" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("command", ["train", "evaluate", "export", "corpus"])
def test_commands_hand_their_arguments_to_hydra(command: str, tiny_home: Path) -> None:
    result = CliRunner().invoke(group, [command, "--cfg", "job"])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(group, [command, "colour=red"])
    assert result.exit_code == 2
