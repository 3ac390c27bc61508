"""Checkpoints: every tensor in one safetensors file, everything else in one JSON file, nothing pickled.

A checkpoint is a folder ``step-00001200`` with ``state.safetensors`` and ``state.json``.  It is written under a temporary name
and renamed once both files are on the disk, so that a folder with a checkpoint's name is always complete.  ``index.json``
beside the folders names the last and the best, and the few others that are kept; the rest is removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from .errors import CheckpointError

FORMAT = 1
TENSORS = "state.safetensors"
STATE = "state.json"
INDEX = "index.json"


@dataclass
class State:
    """What a run needs beside its tensors to go on where it stopped."""

    step: int
    elapsed: float
    """seconds spent training, over all resumptions"""
    feed: dict[str, Any]
    """position in the data, of the only or first process"""
    config: dict[str, Any]
    """the composed configuration"""
    schema_hash: str
    data_hash: str
    """of the shards trained on"""
    vocabularies: dict[str, list[str]] = field(default_factory=dict)
    """what the rows of the networks' tables stand for (graph.labels.VOCABULARIES)"""
    tracking_run: str = ""
    """id of the MLflow run, empty without tracking"""
    best: float | None = None
    """best value of the metric that chooses checkpoints, so far"""
    metrics: dict[str, float] = field(default_factory=dict)
    """of the last validation"""
    generators: dict[str, Any] = field(default_factory=dict)
    """states of generators that are not tensors"""
    feeds: list[dict[str, Any]] = field(default_factory=list)
    """positions in the data of the further processes, by rank"""
    history: list[dict[str, Any]] = field(default_factory=list)
    """the earlier runs whose weights this one began with, as ``lineage.Sitting``"""
    format: int = FORMAT
    tensors_sha256: str = ""


class Checkpoints:
    """The checkpoints of one run: ``folder`` is ``<run>/checkpoints``.

    Kept are the newest ``keep_last``, so that there is one to go back to where the newest is damaged, and the newest
    ``keep_best`` of those that were the best when they were made.
    """

    def __init__(self, folder: Path, keep_last: int = 2, keep_best: int = 1) -> None:
        self.folder = folder
        self.keep_last, self.keep_best = max(1, keep_last), max(1, keep_best)

    def save(self, tensors: Mapping[str, Tensor], state: State, best: bool = False) -> Path:
        """Write one checkpoint, make it the last (and the best), remove those that are no longer kept.

        Raises CheckpointError if the disk does not take it; the earlier checkpoints are then untouched.
        """
        name = f"step-{state.step:08d}"
        path, temporary = self.folder / name, self.folder / f".{name}.{os.getpid()}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            data = save({key: value.detach().cpu().contiguous() for key, value in tensors.items()})
            state.tensors_sha256 = hashlib.sha256(data).hexdigest()
            _write(temporary / TENSORS, data)
            _write(temporary / STATE, json.dumps(asdict(state), indent=1).encode())
            if path.exists():  # the same step was saved before, then resumed from an earlier one
                path.replace(self.folder / f".{name}.replaced")
            temporary.replace(path)
            shutil.rmtree(self.folder / f".{name}.replaced", ignore_errors=True)
            bests = self._read()[1]
            bests = [name, *(other for other in bests if other != name)][: self.keep_best] if best else bests
            index = {"last": name, "bests": bests} | ({"best": bests[0]} if bests else {})
            _write(self.folder / f".{INDEX}.partial", json.dumps(index, indent=1).encode())
            (self.folder / f".{INDEX}.partial").replace(self.folder / INDEX)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise CheckpointError(
                f"cannot write the checkpoint {path}: {error.strerror or error}; free some space, then resume"
            ) from error
        kept = [other for other in self._read()[0] if other <= name][: self.keep_last]  # later ones were given up by resuming
        for other in (*self.folder.glob("step-*"), *self.folder.glob(".step-*")):  # the latter of a process that was killed
            if other.name not in (*kept, *bests):
                shutil.rmtree(other, ignore_errors=True)
        return path

    def find(self, which: str) -> Path | None:
        """Folder of the "last" or "best" checkpoint."""
        return next(iter(self.all(which)), None)

    def all(self, which: str) -> list[Path]:
        """Folders of the kept checkpoints, newest first; for "best", of those that were the best when they were made."""
        newest, bests = self._read()
        return [self.folder / name for name in (bests if which == "best" else newest)]

    def _read(self) -> tuple[list[str], list[str]]:
        """Names of the checkpoints and of the best ones, newest first.  Where the index is lost the folders alone suffice."""
        names = sorted((path.name for path in self.folder.glob("step-*")), reverse=True)
        try:
            index = dict(json.loads((self.folder / INDEX).read_text()))
        except (OSError, ValueError):
            index = {}
        bests = [name for name in index.get("bests", [index.get("best")]) if name in names]
        last = index.get("last", "")
        return [name for name in names if name <= last or name not in bests], bests


def read_state(path: Path) -> State:
    """The JSON part of the checkpoint in folder ``path``.  Raises CheckpointError."""
    try:
        raw = json.loads((path / STATE).read_bytes())
    except OSError as error:
        raise CheckpointError(f"no checkpoint at {path}: {STATE} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise CheckpointError(f"the checkpoint {path} is damaged: {STATE} is not JSON ({error}); use another one") from error
    known = {f.name for f in fields(State)}
    if not isinstance(raw, dict) or raw.get("format") != FORMAT or not known >= raw.keys():
        raise CheckpointError(f"the checkpoint {path} has a format that this version of BugLab does not read")
    try:
        return msgspec.convert(raw, State)
    except msgspec.ValidationError as error:
        raise CheckpointError(f"the checkpoint {path} is damaged: {STATE}: {error}; use another one") from error


def read_tensors(path: Path, state: State) -> dict[str, Tensor]:
    """The tensors of the checkpoint in folder ``path``.  Raises CheckpointError."""
    try:
        data = (path / TENSORS).read_bytes()
    except OSError as error:
        raise CheckpointError(f"the checkpoint {path} is damaged: {TENSORS} cannot be read ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != state.tensors_sha256:
        raise CheckpointError(
            f"the checkpoint {path} is damaged: {TENSORS} ({len(data)} bytes) does not have its SHA-256; use another one"
        )
    try:
        return load(data)
    except SafetensorError as error:
        raise CheckpointError(f"the checkpoint {path} is damaged: {TENSORS} is no safetensors file ({error})") from error


def restore(path: Path, tensors: dict[str, Tensor], load_state_dict: Callable[[dict[str, Tensor]], None]) -> None:
    """Load tensors into a game, with a sentence where their names or shapes are another network's."""
    try:
        load_state_dict(tensors)
    except (RuntimeError, KeyError, ValueError) as error:
        detail = " ".join(str(error).split())
        raise CheckpointError(
            f"the checkpoint {path} belongs to another configuration of the networks: {detail[:400]}"
        ) from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
