"""The training loop, read from top to bottom."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

import torch
from torch import Tensor

from ..graph.pack import Packed
from .checkpoint import Checkpoints, State
from .errors import TrainError
from .feed import Feed
from .progress import Progress
from .replicas import Replicas
from .tracking import Tracker


class Game(Protocol):
    """One step of selector against detector; holds both networks, both optimisers and all generators."""

    device: torch.device
    replicas: Replicas

    def step(self, packed: Packed, progress: float) -> dict[str, Tensor]:
        """Play and learn from one batch.  ``progress`` in [0, 1) is the part of the run that is done; the rates follow it."""
        ...

    def state_dict(self) -> dict[str, Tensor]: ...

    def load_state_dict(self, state: dict[str, Tensor]) -> None: ...


@dataclass
class Limits:
    """When a run ends and how often it does something.  A limit of 0 does not count."""

    max_steps: int = 0
    max_minutes: float = 0
    """of training, over all resumptions"""
    log_every: int = 20
    """steps"""
    validate_every: int = 0
    """steps; 0 = only by minutes"""
    validate_minutes: float = 10
    save_minutes: float = 5
    keep_last: int = 2
    """checkpoints"""
    keep_best: int = 1
    """further ones, each the best so far when it was made"""

    def progress(self, step: int, elapsed: float) -> float:
        """The part of the run that is done, 1 at its end; 0 without limits.  Without ``max_minutes`` time does not matter."""
        by_steps = step / self.max_steps if self.max_steps else 0.0
        by_time = elapsed / 60 / self.max_minutes if self.max_minutes else 0.0
        return min(1.0, max(by_steps, by_time))


Validate = Callable[[], dict[str, float]]


def train(
    game: Game,
    feed: Feed,
    state: State,
    limits: Limits,
    checkpoints: Checkpoints,
    tracker: Tracker,
    progress: Progress,
    validate: Validate | None = None,
    best_metric: str = "",
) -> bool:
    """Train until a limit or a signal, and leave a checkpoint of the last step behind; returns whether a limit was reached.

    Several processes decide everything together, by the clock of the slowest; only the first of them writes.  ``state`` is kept
    up to date.  Raises TrainError when a loss is not finite (the last good checkpoint stays) or the disk takes no checkpoint.
    """
    replicas = game.replicas
    began, elapsed_before = time.monotonic(), state.elapsed
    saved_at = validated_at = state.elapsed
    saved_step = replicas.from_first(state.step if checkpoints.find("last") else -1)
    collected: list[dict[str, Tensor]] = []
    logged_at, logged_step = state.elapsed, state.step
    stopping = 0.0

    def save(best: bool = False) -> None:
        nonlocal saved_at, saved_step
        _check_finite(replicas.sums(_means(collected)), state.step, checkpoints)
        if best or saved_step != state.step:
            state.feed, *state.feeds = replicas.gather(feed.state)
            state.tracking_run = tracker.run_id
            tensors = game.state_dict()
            if replicas.rank == 0:
                checkpoints.save(tensors, state, best)
        saved_at, saved_step = state.elapsed, state.step

    def better() -> bool:
        """Validate and log; whether this is the best so far.  The first process does it while the others wait."""
        here = bool(validate) and replicas.rank == 0 and _validated(validate, state, tracker, progress, best_metric)
        return replicas.from_first(here)

    with _signals() as stop:
        while not stopping and (done := limits.progress(state.step, state.elapsed)) < 1:
            collected.append(game.step(next(feed), done))
            state.step += 1
            state.elapsed, stopping = replicas.agree(elapsed_before + time.monotonic() - began, float(bool(stop)))

            if state.step % limits.log_every == 0:
                figures = replicas.sums(_means(collected))
                collected.clear()
                figures["steps_per_s"] = (state.step - logged_step) / max(1e-9, state.elapsed - logged_at)
                logged_at, logged_step = state.elapsed, state.step
                _check_finite(figures, state.step, checkpoints)
                tracker.log(figures, state.step)
                progress.update(state.step, state.elapsed, figures)

            by_step = limits.validate_every and state.step % limits.validate_every == 0
            by_time = limits.validate_minutes and state.elapsed - validated_at > limits.validate_minutes * 60
            if validate and (by_step or by_time):
                save(best=better())
                validated_at = state.elapsed
            elif state.elapsed - saved_at > limits.save_minutes * 60:
                save()

        if stopping:
            save()
            reason = stop[0] if stop else "a signal to another process"
            progress.say(f"stopped by {reason} at step {state.step}; continue with resume=last")
        elif saved_step != state.step:
            save(best=better())
    return not stopping


def _validated(validate: Validate | None, state: State, tracker: Tracker, progress: Progress, best_metric: str) -> bool:
    """Validate, log, and say whether this is the best so far."""
    assert validate is not None
    state.metrics = validate()
    tracker.log(state.metrics, state.step)
    progress.say(f"step {state.step}, held-back functions: " + "  ".join(f"{k} {v:.4g}" for k, v in state.metrics.items()))
    value = state.metrics.get(best_metric)
    if value is None or (state.best is not None and value <= state.best):
        return False
    state.best = value
    return True


def _means(collected: list[dict[str, Tensor]]) -> dict[str, float]:
    """Mean of each metric over the steps that report it; the only place where the loop waits for the device."""
    names = dict.fromkeys(name for metrics in collected for name in metrics)
    return {
        name: float(torch.stack([metrics[name].detach().float() for metrics in collected if name in metrics]).mean())
        for name in names
    }


def _check_finite(figures: dict[str, float], step: int, checkpoints: Checkpoints) -> None:
    bad = [name for name, value in figures.items() if name.endswith("loss") and not math.isfinite(value)]
    if bad:
        last = checkpoints.find("last")
        raise TrainError(
            f"{bad[0]} is not a finite number at step {step}; nothing was saved after it. "
            + (f"Resume from {last} with a lower learning rate" if last else "Start again with a lower learning rate")
        )


@contextmanager
def _signals() -> Iterator[list[str]]:
    """SIGTERM and SIGINT fill the list with their name instead of ending the process; a second one ends it at once."""
    received: list[str] = []
    if threading.current_thread() is not threading.main_thread():  # as under a launcher that runs jobs in threads
        yield received
        return

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(signal.Signals(number).name)
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, receive) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
