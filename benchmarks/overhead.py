"""What a run costs beside its steps: the training loop with MLflow on, in CPU seconds (user and system).

    python benchmarks/overhead.py [--steps 60] [--home FOLDER] [KEY=VALUE...]

Half of the bare steps, then the same steps inside the loop, then the other half of the bare ones: a machine that becomes
slower or faster meanwhile counts on both sides.  The platform's share is counted inside the loop, by thread, not as the small
difference of two large numbers (which is printed beside it).  The steps and the thread that prepares batches are what there
would be without it; the rest of the main thread and the thread that watches the system and sends to MLflow are what it adds.
The latter works by the clock, so on a busy machine, where steps take longer, it weighs more: the share "alone" is what the
same figures give where a CPU second takes a second.  A checkpoint and the end of the run come once and are printed for
themselves.

Uses (and builds, if need be) the corpus ``smoke`` and trains in a home of its own.  The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--home", type=Path)
    parser.add_argument("overrides", nargs="*")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BUGLAB_HOME"] = str(given.home or folder)
        measure(given.steps, given.overrides)


def thread_cpu(name: str) -> float:
    """CPU seconds so far of the one running thread of that name."""
    (thread,) = [one for one in threading.enumerate() if one.name == name]
    assert thread.ident is not None
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))


def timed(function: Callable[..., Any], spent: Counter[str], name: str) -> Callable[..., Any]:
    """The function, whose CPU seconds in the calling thread are added up."""

    def call(*arguments: Any) -> Any:
        began = time.thread_time()
        try:
            return function(*arguments)
        finally:
            spent[name] += time.thread_time() - began

    return call


def measure(steps: int, overrides: list[str]) -> None:
    import torch
    from hydra import compose, initialize_config_module

    from buglab.train import config as schemas
    from buglab.train.checkpoint import Checkpoints, State
    from buglab.train.config import TrainConfig, typed
    from buglab.train.corpora import Corpora
    from buglab.train.feed import Feed
    from buglab.train.loop import Limits, train
    from buglab.train.progress import Progress
    from buglab.train.step import Game
    from buglab.train.tracking import TrackingConfig, open_tracker

    schemas.register()
    with initialize_config_module("buglab.conf", version_base="1.3"):
        config = typed(compose("train", ["corpus=smoke", "device.threads=1", *overrides]), TrainConfig)
    Corpora.build_missing(config.corpus, wanted=True)
    corpora = Corpora.open(config.corpus, [])
    torch.set_num_threads(1)

    def new_game() -> Game:
        game, feed = Game(config.network, config.game, torch.device("cpu"), 0, config.device.bf16), new_feed()
        game.step(next(feed), 0.0)  # what is made once
        feed.close()
        return game

    def new_feed(state: dict[str, Any] | None = None) -> Feed:
        return Feed(lambda at: corpora.stream(0, at), config.budget, state)

    bare = new_game()
    reached: dict[str, Any] | None = None
    functions = 0

    def bare_steps(count: int) -> float:
        nonlocal functions, reached
        feed = new_feed(reached)
        began = time.process_time()
        for _ in range(count):
            packed = next(feed)
            functions += int(packed.graphs[0])
            bare.step(packed, 0.0)
        took = time.process_time() - began
        reached = feed.state
        feed.close()
        return took

    first_half = bare_steps(steps // 2)

    game, feed = new_game(), new_feed()
    parameters = sum(p.numel() for p in game.detector.parameters())
    folder = Path(os.environ["BUGLAB_HOME"]) / "runs" / "platform"
    folder.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    tracker = open_tracker(TrackingConfig(experiment="benchmark"), "platform", "", folder, Progress())
    opened = time.process_time() - began

    spent: Counter[str] = Counter()
    checkpoints = Checkpoints(folder / "checkpoints")
    game.step = timed(game.step, spent, "step")  # type: ignore[method-assign]
    checkpoints.save = timed(checkpoints.save, spent, "checkpoint")  # type: ignore[method-assign]
    limits = Limits(max_steps=steps, log_every=20, save_minutes=1e9, validate_minutes=0)
    clock, process, own = time.monotonic(), time.process_time(), time.thread_time()
    fed, sent = thread_cpu("feed"), thread_cpu("tracking")
    train(game, feed, State(0, 0.0, {}, {}, "", ""), limits, checkpoints, tracker, Progress())
    wall, loop, main_thread = time.monotonic() - clock, time.process_time() - process, time.thread_time() - own
    prepared, sending = thread_cpu("feed") - fed, thread_cpu("tracking") - sent
    began = time.process_time()
    tracker.close()
    closed = time.process_time() - began
    feed.close()
    shutil.rmtree(folder)

    second_half = bare_steps(steps - steps // 2)

    without = spent["step"] + prepared
    in_step = main_thread - spent["step"] - spent["checkpoint"]
    by_clock = loop - main_thread - prepared
    share = (in_step + by_clock) / without
    alone = in_step / without + by_clock / wall
    difference = (loop - spent["checkpoint"]) / (first_half + second_half) - 1
    million = 1e6 * (first_half + second_half) / functions / 3600
    print(f"{steps} steps of {functions / steps:.1f} functions, one thread; {wall:.0f} s for {loop:.0f} CPU seconds\n")
    print(f"steps                                   {spent['step']:8.2f}")
    print(f"preparing batches, in a thread          {prepared:8.2f}")
    print(f"the loop around the steps               {in_step:8.2f}")
    print(f"sending to MLflow, in a thread          {sending:8.2f}")
    print(f"other threads                           {by_clock - sending:8.2f}")
    print(f"overhead of the platform                {100 * share:+8.1f}%")
    print(f"    alone on a machine                  {100 * alone:+8.1f}%")
    print(f"    as the difference from bare steps   {100 * difference:+8.1f}%   ({first_half:.2f} + {second_half:.2f} bare)")
    often = 100 * spent["checkpoint"] / 300
    print(f"a checkpoint                            {spent['checkpoint']:8.2f}   ({often:.1f}% every 5 minutes)")
    print(f"once: MLflow imported and its store made{opened:8.2f}   closed {closed:.2f}")
    print(f"a million functions                     {million:8.1f} CPU hours")
    figures = {
        "steps": steps,
        "functions": functions,
        "bare_cpu_s": round(first_half + second_half, 2),
        "step_cpu_s": round(spent["step"], 2),
        "feed_cpu_s": round(prepared, 2),
        "loop_cpu_s": round(in_step, 2),
        "tracking_cpu_s": round(sending, 2),
        "other_cpu_s": round(by_clock - sending, 2),
        "overhead": round(share, 4),
        "overhead_alone": round(alone, 4),
        "overhead_by_difference": round(difference, 4),
        "checkpoint_cpu_s": round(spent["checkpoint"], 2),
        "start_cpu_s": round(opened, 2),
        "close_cpu_s": round(closed, 2),
        "cpu_hours_per_million_functions": round(million, 1),
        "parameters": parameters,
        "wall_s": round(wall, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    sys.exit(main())
