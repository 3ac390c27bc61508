"""What a run costs beside its steps: CPU seconds of ``buglab train`` with MLflow on, against the same steps bare.

python benchmarks/overhead.py [--steps 60] [--home FOLDER] [KEY=VALUE...]

Uses (and builds, if need be) the corpus ``smoke`` and trains in a home of its own.  Prints a table; the last line is JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def stopwatch(found: dict[str, float], name: str) -> Iterator[None]:
    """CPU seconds of this process, user and system, all threads."""
    began = resource.getrusage(resource.RUSAGE_SELF)
    yield
    ended = resource.getrusage(resource.RUSAGE_SELF)
    found[name] = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--home", type=Path)
    parser.add_argument("overrides", nargs="*")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BUGLAB_HOME"] = str(given.home or folder)
        measure(given.steps, given.overrides)


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
    found: dict[str, float] = {}

    def game() -> Game:
        made = Game(config.network, config.game, torch.device("cpu"), 0, config.device.bf16)
        made.step(next(feed()), 0.0)  # what is made once
        return made

    def feed() -> Feed:
        return Feed(lambda at: corpora.stream(0, at), config.budget)

    bare, batches = game(), feed()
    functions = 0
    with stopwatch(found, "bare"):
        for _ in range(steps):
            packed = next(batches)
            functions += int(packed.graphs[0])
            bare.step(packed, 0.0)
    batches.close()

    whole, batches = game(), feed()
    folder = Path(os.environ["BUGLAB_HOME"]) / "runs" / "platform"
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with stopwatch(found, "start"):
        tracker = open_tracker(TrackingConfig(experiment="benchmark"), "platform", "", folder, Progress())
    with stopwatch(found, "loop"):
        state = State(0, 0.0, {}, {}, "", "")
        limits = Limits(max_steps=steps, log_every=20, save_minutes=1e9, validate_minutes=0)
        train(whole, batches, state, limits, Checkpoints(folder / "checkpoints"), tracker, Progress())
        tracker.close()
    shutil.rmtree(folder)
    batches.close()

    overhead = found["loop"] / found["bare"] - 1
    million = 1e6 * found["bare"] / functions / 3600
    print(f"{steps} steps of {functions / steps:.1f} functions, one thread, in CPU seconds (with what prepares the batches)")
    print(f"bare steps                              {found['bare']:8.2f}")
    print(f"the same in the loop, with MLflow       {found['loop']:8.2f}   {100 * overhead:+.1f}%")
    print(f"once: MLflow imported, its store opened {found['start']:8.2f}")
    print(f"a million functions                     {million:8.1f} CPU hours")
    figures = {
        "steps": steps,
        "functions": functions,
        "bare_cpu_s": round(found["bare"], 2),
        "loop_cpu_s": round(found["loop"], 2),
        "start_cpu_s": round(found["start"], 2),
        "overhead": round(overhead, 4),
        "cpu_hours_per_million_functions": round(million, 1),
        "parameters": sum(p.numel() for p in whole.detector.parameters()),
        "wall_s": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    sys.exit(main())
