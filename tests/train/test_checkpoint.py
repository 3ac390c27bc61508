from __future__ import annotations

import json
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


def test_last_and_best_stay_and_nothing_else(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step, best in ((1, False), (2, True), (3, False), (4, False)):
        checkpoints.save(tensors(step), state(step), best)
    (tmp_path / ".step-00000009.1.partial").mkdir()  # as a killed process leaves it
    checkpoints.save(tensors(5), state(5))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", "step-00000002", "step-00000005"]
    assert checkpoints.find("last") == tmp_path / "step-00000005"
    assert checkpoints.find("best") == tmp_path / "step-00000002"


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


def test_a_disk_that_does_not_take_it_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    path = checkpoints.save(tensors(1), state(1))

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CheckpointError, match="No space left on device; free some space"):
        checkpoints.save(tensors(2), state(2))
    monkeypatch.undo()
    assert checkpoints.find("last") == path
    assert json.loads((path / STATE).read_text())["step"] == 1
    assert read_tensors(path, read_state(path))
