"""Which run to continue, and with which settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import Tensor

from .checkpoint import STATE, Checkpoints, State, read_state, read_tensors
from .errors import CheckpointError, TrainError
from .tracking import folder_of

FREE = (
    "limits",
    "tracking",
    "device",
    "profile",
    "resume",
    "start_from",
    "finish",
    "build_corpus",
    "valid_functions",
    "game.decay_from",
)
"""Settings (or whole groups) that may differ between the sittings of one run; all others are part of what is trained."""


def find(which: str, runs: Path, name: str) -> Path:
    """The checkpoint meant by ``last`` or ``best`` (of the newest run called ``name``), by a run's or its own folder, or by the
    id of a run in MLflow."""
    return candidates(which, runs, name)[0]


def read(which: str, runs: Path, name: str, say: Callable[[str], None]) -> tuple[Path, State, dict[str, Tensor]]:
    """The checkpoint that ``find`` means, read; the one before it where it is damaged.  Raises CheckpointError."""
    paths = candidates(which, runs, name)
    for path, before in zip(paths, [*paths[1:], None], strict=True):
        try:
            state = read_state(path)
            return path, state, read_tensors(path, state)
        except CheckpointError as error:
            if before is None:
                raise
            say(f"warning: {error}; going back to {before}")
    raise AssertionError("there is always a candidate")


def candidates(which: str, runs: Path, name: str) -> list[Path]:
    """The checkpoint that ``find`` means, and those of its run that can stand in for it, newest first."""
    if which in ("last", "best"):
        for run in sorted(runs.glob(f"*-{name}"), reverse=True):
            if paths := Checkpoints(run / "checkpoints").all(which):
                return paths
        raise CheckpointError(
            f"{which}: no run{'' if name == '*' else f' named {name!r}'} in {runs} has a {which} checkpoint; train first"
        )
    path = folder_of(which, runs) or Path(which).expanduser()
    if (path / STATE).exists():
        return [path]
    if found := Checkpoints(path / "checkpoints").all("last") or Checkpoints(path).all("last"):
        return found
    raise CheckpointError(
        f"{which}: neither a run nor a checkpoint; give last, best, a run's folder, its id in MLflow or a folder step-*"
    )


def configuration(state: State, composed: DictConfig, overrides: list[str]) -> DictConfig:
    """The settings of the checkpoint with the overrides of this command line that a continued run may change.

    Raises TrainError where an override would make it another run.
    """
    merged = merged_with(composed, state)
    given = [text.lstrip("+~") for text in overrides]
    for text in given:
        key = text.partition("=")[0]
        new = OmegaConf.select(composed, key)
        if _free(key):
            OmegaConf.update(merged, key, new)
    groups_given = any(text.partition("=")[0] in ("experiment", "debug") for text in given)
    changed = dict(_differences(OmegaConf.to_container(composed), OmegaConf.to_container(merged)))
    for key, (new, old) in changed.items():
        named = any(key == text.partition("=")[0] or key.startswith(text.partition("=")[0] + ".") for text in given)
        if not _free(key) and (named or groups_given):
            raise TrainError(
                f"resume continues the same run, in which {key} is {old!r}, not {new!r}; drop the override or start anew"
            )
    return merged


def merged_with(composed: DictConfig, state: State, forget: bool = False) -> DictConfig:
    """``composed`` with every setting that the checkpoint has taken from there.

    Settings that this version does not know raise CheckpointError, unless they may be forgotten: a run cannot go on without
    them, but its weights can be used.
    """
    try:
        settings = _shared(state.config, OmegaConf.to_container(composed)) if forget else state.config
        merged = OmegaConf.merge(composed, OmegaConf.create(settings))
    except OmegaConfBaseException as error:
        raise CheckpointError(f"the checkpoint was made by another version of BugLab: {str(error).splitlines()[0]}") from error
    assert isinstance(merged, DictConfig)
    return merged


def _shared(mine: Any, known: Any) -> Any:
    """``mine`` without the keys that ``known`` has not."""
    if isinstance(mine, dict) and isinstance(known, dict):
        return {key: _shared(value, known[key]) for key, value in mine.items() if key in known}
    return mine


def _free(key: str) -> bool:
    return key in FREE or key.partition(".")[0] in FREE


def _differences(new: Any, old: Any, prefix: str = "") -> list[tuple[str, tuple[Any, Any]]]:
    if isinstance(new, dict) and isinstance(old, dict):
        return [d for key in new for d in _differences(new[key], old.get(key), f"{prefix}{key}.")]
    return [] if new == old else [(prefix.rstrip("."), (new, old))]
