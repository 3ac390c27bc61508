from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from buglab.train.checkpoint import STATE, TENSORS, Checkpoints, State, read_state, read_tensors
from buglab.train.errors import CheckpointError


def state(step: int) -> State:
    return State(step, 1.5, {"count": 3, "position": {"epoch": 0, "index": 3}}, {"seed": 0}, "schema", "data")


def tensors(value: float) -> dict[str, torch.Tensor]:
    return {"a/weight": torch.full((2, 3), value), "dice": torch.arange(5, dtype=torch.uint8), "steps": torch.tensor(7)}


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path).save(tensors(0.25), state(3))
    found = read_state(path)
    assert found.step == 3
    assert found.feed == state(3).feed
    again = read_tensors(path, found)
    assert again.keys() == tensors(0.25).keys()
    assert all(torch.equal(again[name], value) and again[name].dtype == value.dtype for name, value in tensors(0.25).items())


def test_the_newest_and_the_best_stay_and_nothing_else(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep_last=2, keep_best=1)
    for step, best in ((1, True), (2, True), (3, False), (4, False)):
        checkpoints.save(tensors(step), state(step), best)
    (tmp_path / ".step-00000009.1.partial").mkdir()  # as a killed process leaves it
    checkpoints.save(tensors(5), state(5))
    names = ["step-00000002", "step-00000004", "step-00000005"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", *names]
    assert checkpoints.all("last") == [tmp_path / name for name in reversed(names)]
    assert checkpoints.find("best") == tmp_path / "step-00000002"
    Checkpoints(tmp_path, keep_last=1, keep_best=2).save(tensors(6), state(6), best=True)
    assert sorted(path.name for path in tmp_path.glob("step-*")) == ["step-00000002", "step-00000006"]


def test_what_was_given_up_by_resuming_an_earlier_one_goes(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 2, 3):
        checkpoints.save(tensors(step), state(step))
    checkpoints.save(tensors(9), state(2))  # went back to 1, and took another step
    assert checkpoints.all("last") == [tmp_path / "step-00000002"]


def test_the_same_step_can_be_saved_again(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(tensors(1), state(1))
    path = checkpoints.save(tensors(2), state(1), best=True)
    assert float(read_tensors(path, read_state(path))["a/weight"][0, 0]) == 2


def test_folders_suffice_where_the_index_is_lost(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    path = checkpoints.save(tensors(1), state(1))
    (tmp_path / "index.json").write_text("{")
    assert checkpoints.find("last") == path


@pytest.mark.parametrize("damage", ["flipped", "short", "gone"])
def test_damaged_tensors_are_refused_with_a_sentence(tmp_path: Path, damage: str) -> None:
    path = Checkpoints(tmp_path).save(tensors(1), state(1))
    data = bytearray((path / TENSORS).read_bytes())
    if damage == "flipped":
        data[-1] ^= 1
        (path / TENSORS).write_bytes(data)
    elif damage == "short":
        (path / TENSORS).write_bytes(data[: len(data) // 2])
    else:
        (path / TENSORS).unlink()
    with pytest.raises(CheckpointError, match="is damaged"):
        read_tensors(path, read_state(path))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is damaged"),
        ("[]", "does not read"),
        ('{"format": 99}', "does not read"),
        ('{"format": 1}', "is damaged.*missing required field"),
        ('{"format": 1, "step": "three"}', "is damaged.*Expected `int`"),
        ('{"format": 1, "colour": 3}', "does not read"),
    ],
)
def test_a_damaged_state_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = Checkpoints(tmp_path).save(tensors(1), state(1))
    (path / STATE).write_text(text)
    with pytest.raises(CheckpointError, match=sentence):
        read_state(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit the size of files")
def test_a_disk_that_does_not_take_it_loses_nothing(tmp_path: Path) -> None:
    import resource

    checkpoints = Checkpoints(tmp_path / "checkpoints")
    path = checkpoints.save(tensors(1), state(1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # as if the disk had room for a hundred bytes
    try:
        with pytest.raises(CheckpointError, match="File too large; free some space, then resume"):
            checkpoints.save(tensors(2), state(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [entry.name for entry in (tmp_path / "checkpoints").iterdir() if entry.name != "index.json"] == [path.name]
    assert checkpoints.find("last") == path
    assert json.loads((path / STATE).read_text())["step"] == 1
    assert read_tensors(path, read_state(path))
