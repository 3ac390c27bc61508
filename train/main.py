"""``buglab train``: compose the game, the data and the run folder, then hand over to the loop."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from ..data.home import home
from ..graph.labels import SCHEMA_HASH, VOCABULARIES
from ..scan.runtime import EMBEDDED
from . import export_main, loop, resume
from .checkpoint import Checkpoints, State, read_state, read_tensors, restore
from .config import ExportConfig, TrainConfig, schema, typed
from .corpora import Corpora
from .device import choose
from .entry import main as entry
from .entry import overrides
from .errors import CheckpointError, TrainError
from .export import DESCRIPTION
from .export import read as read_export
from .feed import Feed
from .growth import grown
from .lineage import sittings
from .profiling import Profiled
from .progress import Progress
from .replicas import join, rank_to_be
from .step import Game
from .tracking import Data, Tracker, open_tracker
from .validation import BEST, Validation


def main(arguments: Sequence[str]) -> int:
    return entry("train", arguments, task)


def task(composed: DictConfig) -> float:
    """One run, new or continued, from the composed configuration; returns its best figure, for a sweeper."""
    progress = Progress(Console(quiet=True)) if rank_to_be() else Progress()
    checkpoint: Path | None = None
    tensors: dict[str, torch.Tensor] = {}
    if composed.resume:
        _remove_if_empty(Path(HydraConfig.get().runtime.output_dir))
        name = "*" if composed.name == TrainConfig.name else composed.name  # without a name of its own: of any name
        checkpoint, state, tensors = resume.read(composed.resume, home() / "runs", name, progress.say)
        composed = resume.configuration(state, composed, overrides())
        folder = checkpoint.parent.parent
    else:
        folder = Path(HydraConfig.get().runtime.output_dir)
        state = State(0, 0.0, {}, {}, SCHEMA_HASH, "")
    config = typed(composed, TrainConfig)
    state.config = OmegaConf.to_container(composed)  # type: ignore[assignment]
    run(config, state, folder, checkpoint, tensors, progress)
    return state.best if state.best is not None else 0.0


def run(
    config: TrainConfig,
    state: State,
    folder: Path,
    checkpoint: Path | None,
    tensors: dict[str, torch.Tensor],
    progress: Progress,
) -> State:
    """Train in ``folder``; continues from ``checkpoint`` where there is one.

    Of several processes the first has chosen the folder, builds what is missing and writes; all others only read.
    """
    place = choose(config.device)
    replicas = join(place.accelerator)
    first = replicas.rank == 0
    folder = replicas.from_first(folder)
    progress.say(f"run folder: {folder}")
    if first:
        progress.say(OmegaConf.to_yaml(state.config))
        (folder / "config.yaml").write_text(OmegaConf.to_yaml(state.config))
        Corpora.build_missing(config.corpus, config.build_corpus)
    replicas.agree()  # the corpus is there
    corpora = Corpora.open(config.corpus, config.more_corpora)
    if checkpoint:
        _same(checkpoint, state, corpora.data_hash, replicas.world)
    state.data_hash, state.vocabularies = corpora.data_hash, {name: list(words) for name, words in VOCABULARIES.items()}
    try:
        network = place.suited(config.network)
        game = Game(network, config.game, place.device, config.seed, config.device.bf16, replicas)
    except ValueError as error:
        raise TrainError(str(error)) from error
    if checkpoint:
        restore(checkpoint, tensors, game.load_state_dict)
        progress.say(f"continuing from {checkpoint} at step {state.step}, {state.elapsed / 60:.1f} min")
        if config.limits.progress(state.step, state.elapsed) >= 1:
            progress.say("this run has reached its limits already; raise limits.max_steps or limits.max_minutes to go on")
    elif config.start_from:
        begun, state.history = _begin_with(config, game)
        progress.say(f"beginning with the weights of {begun}")
    checkpoints = Checkpoints(folder / "checkpoints", config.limits.keep_last, config.limits.keep_best)
    place.compile(game.detector, game.selector)
    sweep = folder.parent if first and _is_sweep() else None
    tracker = open_tracker(config.tracking, folder.name, state.tracking_run, folder, progress, sweep) if first else Tracker()
    if not checkpoint:
        tracker.parameters(flat(state.config))
        tracker.data([Data(c.manifest.name, c.manifest.data_hash, str(c.folder)) for c in corpora.opened])
    position = [state.feed, *state.feeds][replicas.rank] if checkpoint else {}
    mine, drawn = (replicas.rank, replicas.world), (config.by_sites, config.more_share)
    feed = Feed(lambda at: corpora.stream(config.seed, at, *mine, *drawn), config.budget, position)
    validate = Validation(game, corpora.split("valid"), config, folder, tracker)
    finished = stopped = False
    try:
        played = Profiled(game, config.profile, folder, progress) if config.profile.steps else game
        finished = loop.train(played, feed, state, config.limits, checkpoints, tracker, progress, validate, BEST)
        stopped = not finished
    finally:
        feed.close()
        progress.close()
        tracker.artifact(folder / "config.yaml")
        if finished and (best := checkpoints.find("best") or checkpoints.find("last")):
            tracker.artifact(best, f"checkpoints/{best.name}")
        tracker.close("FINISHED" if finished else "KILLED" if stopped else "FAILED")
    progress.say(f"checkpoint: {checkpoints.find('last')}")
    if tracker.run_id:
        progress.say(f"MLflow: {tracker.where} run {tracker.run_id}")
    if config.finish and finished and first:
        _finish(config, checkpoints, folder, progress)
    return state


def _begin_with(config: TrainConfig, game: Game) -> tuple[Path, list[dict[str, Any]]]:
    """Take over the game of a checkpoint; of an exported model, or of a game with other vocabularies, the weights alone.

    Returns where they come from, and the runs that these weights have been through.
    """
    folder = EMBEDDED if config.start_from == "embedded" else Path(config.start_from).expanduser()
    if (folder / DESCRIPTION).is_file():
        tensors, before, history = read_export(folder)
        restore(folder, grown(tensors, game.state_dict(), before, VOCABULARIES), game.load_state_dict)
        return folder, history
    path = resume.find(config.start_from, home() / "runs", config.name)
    state = read_state(path)
    tensors = read_tensors(path, state)
    if state.schema_hash != SCHEMA_HASH:
        if not state.vocabularies:
            raise CheckpointError(f"the checkpoint {path} does not say what its tables stand for; train anew")
        tensors = grown(tensors, game.state_dict(), state.vocabularies, VOCABULARIES)
    restore(path, tensors, game.load_state_dict)
    before_it = typed(resume.merged_with(schema(TrainConfig), state, forget=True), TrainConfig)
    return path, [asdict(sitting) for sitting in sittings(before_it, state)]


def _finish(config: TrainConfig, checkpoints: Checkpoints, folder: Path, progress: Progress) -> None:
    """Evaluate and export the best checkpoint, next to it."""
    best = checkpoints.find("best") or checkpoints.find("last")
    if best is None:
        raise TrainError(f"there is no checkpoint in {folder} to evaluate")
    export = ExportConfig(
        checkpoint=str(best),
        functions=config.valid_functions,
        calibration_functions=config.valid_functions,
        parity_functions=min(50, config.valid_functions),
        tracking=config.tracking,
        device=config.device,
    )
    model = export_main.run(export, folder / "export", progress)
    progress.say(f"scan with it: bug-scan --model {model} PATH")


def _same(path: Path, state: State, data_hash: str, world: int) -> None:
    """Refuse to continue on other data, with another meaning of the arrays or with another number of processes."""
    if world != 1 + len(state.feeds):
        raise CheckpointError(
            f"the checkpoint {path} was made by {1 + len(state.feeds)} processes, not {world}: continue with as many, or begin "
            f"a new run with start_from={path}"
        )
    if state.schema_hash != SCHEMA_HASH:
        raise CheckpointError(
            f"the checkpoint {path} was made for another graph schema ({state.schema_hash[:12]}, now {SCHEMA_HASH[:12]})"
        )
    if state.data_hash != data_hash:
        raise CheckpointError(
            f"the checkpoint {path} was trained on another corpus (or the corpus was rebuilt); start a new run"
        )


def _is_sweep() -> bool:
    return HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN


def _remove_if_empty(folder: Path) -> None:
    """Hydra makes a folder for every job, which a continued run does not need."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted names."""
    result: dict[str, Any] = {}
    for key, value in config.items():
        result.update(flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value})
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
