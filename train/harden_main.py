"""``buglab harden``: clean functions on which a detector alarms, as a corpus to train on: hard negatives."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from ..data.home import home
from ..data.subset import subset
from .config import HardenConfig, typed
from .corpora import Corpora
from .device import choose
from .entry import main as entry
from .errors import TrainError
from .measure import alarms, sample_rows
from .progress import Progress
from .trained import load


def main(arguments: Sequence[str]) -> int:
    return entry("harden", arguments, task)


def task(composed: DictConfig) -> None:
    run(typed(composed, HardenConfig), Progress())


def run(config: HardenConfig, progress: Progress) -> Path:
    """Write the corpus ``config.name`` and return its folder.  Raises TrainError."""
    if home() / "corpora" / config.name == Corpora.named([config.of]).folders[0]:
        raise TrainError(f"name={config.name} is the corpus that is looked at; give the new one another name")
    trained = load(config.checkpoint, config.weights)
    (corpus,) = Corpora.named([config.of]).opened
    split = corpus.split("train")
    rows = sample_rows(split, config.functions, config.seed)
    if len(rows) < config.worst + config.beside:
        raise TrainError(
            f"{config.of} has {len(rows)} functions to choose {config.worst} + {config.beside} from: "
            "lower `worst` and `beside`, or raise `functions`"
        )
    place = choose(config.device)
    progress.say(f"looking at {len(rows)} functions of {corpus.folder} with {trained.path}")
    detect = trained.network.to(place.device)
    score = alarms(detect, (split[row] for row in rows), trained.config.budget, place.device)
    ranked = sorted(score, key=lambda place: -score[place])
    worst = ranked[: config.worst]
    others = np.random.default_rng(config.seed).permutation(ranked[config.worst :])[: config.beside]
    chosen = corpus.rows("train")[[rows[index] for index in sorted([*worst, *others.tolist()])]]
    try:
        folder = subset(corpus, chosen, home() / "corpora" / config.name, config.name)
    except OSError as error:
        raise TrainError(f"the corpus {config.name} cannot be written: {error}") from error
    alarming = np.array(list(score.values())) > 0
    progress.say(
        f"{alarming.mean():.1%} of the clean functions alarm; the mildest of the {len(worst)} kept with "
        f"{score[worst[-1]] if worst else float('nan'):.2f} nats over NO_BUG"
    )
    progress.say(f"train on it: buglab train more_corpora=[{config.name}] more_share=0.1")
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
