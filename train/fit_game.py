"""Maintenance: what real fixes say about two settings of the game, ``game.leash`` and ``by_sites``.

    buglab corpus corpus=fixes corpus.clones=FOLDER
    python -m buglab.train.fit_game FIXES CORPUS RUN

A realistic choice of bugs may still choose bugs that are easier or harder for a detector than real ones.  Tilted by
exp(trouble / leash) it becomes as hard as the leash says; the best leash makes the real bugs of FIXES most likely, each among
all rewrites of its function, of which DRAWS are drawn to estimate the sum.  And real bugs stand in larger functions than those
of CORPUS: the power of the number of sites that tells the two apart is the one to draw functions by.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ..data.dataset import Split
from ..detector.calibrate import curve
from ..detector.logistic import sigmoid
from ..detector.loss import detector_loss
from ..graph.pack import pack
from ..graph.schema import NULL, CodeGraph
from ..models.batch import Batch, mutate
from ..models.network import Network
from ..selector.loss import HOPELESS
from ..selector.sampling import draw
from .corpora import Corpora
from .fit_realism import tight
from .prior import prior_log_p
from .trained import load

Floats = NDArray[np.float64]

DRAWS = 24
NODES = 6000
"""At most in a batch."""

LEASHES = (0.3, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, np.inf)
BINS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, np.inf)


@torch.inference_mode()
def troubles(split: Split, network: Network) -> Floats:
    """[bugs, 1 + DRAWS] -log p(repair) of each real bug, and of drawn ones in the same function."""
    dice = torch.Generator().manual_seed(0)
    graphs = (graph for graph in split if graph.bug != NULL and graph.num_nodes < NODES)
    return np.array([_troubles(graph, network, dice) for graph in graphs])


def _troubles(graph: CodeGraph, network: Network, dice: torch.Generator) -> list[float]:
    found: list[float] = []
    while len(found) < 1 + DRAWS:
        copies = [graph] * min(1 + DRAWS - len(found), NODES // graph.num_nodes)
        batch = Batch.of(pack(copies, tight(graph, len(copies)))[0])
        option = draw(batch, prior_log_p(batch, "fixes", with_linted=False), dice)
        if not found:
            option[0] = batch.bug[0]
        mutant = mutate(batch, option)
        repair = batch.chosen.index_select(0, batch.option_site.index_select(0, option))
        found += detector_loss(mutant, network(mutant), repair)[: len(copies)].tolist()
    return found


def gains(trouble: Floats, leash: float) -> Floats:
    """[bugs] by how many nats a tilt of the choice by exp(trouble / leash) makes each real bug more likely."""
    tilt = np.minimum(trouble, HOPELESS) / leash
    return np.asarray(tilt[:, 0] - np.log(np.exp(tilt[:, 1:]).mean(axis=1)), np.float64)


def power(real: Floats, other: Floats) -> tuple[float, float]:
    """Of the sites of real bugs' functions and of others: the power that tells them apart, and its standard error."""
    log_sites = np.log(np.concatenate([real, other]))
    label = np.repeat([1.0, 0.0], [len(real), len(other)])
    line = curve(log_sites, label, np.ones_like(label), np.zeros(2), ridge=1e-6)
    inputs = np.stack([log_sites, np.ones_like(log_sites)], axis=1)
    p = sigmoid(inputs @ line)
    spread = np.linalg.inv((inputs * (p * (1 - p))[:, None]).T @ inputs)
    return float(line[0]), float(spread[0, 0] ** 0.5)


def show(trouble: Floats, console: Console) -> None:
    table = Table(title=f"{len(trouble)} real bugs, drawn ones beside them", title_justify="left")
    for heading in ("-log p(repair)", "real", "drawn", "ratio"):
        table.add_column(heading, justify="right")
    real, drawn = (np.histogram(part, BINS)[0] / part.size for part in (trouble[:, 0], trouble[:, 1:]))
    for at, (mine, other) in enumerate(zip(real, drawn, strict=True)):
        table.add_row(f"{BINS[at]:g} to {BINS[at + 1]:g}", f"{mine:.1%}", f"{other:.1%}", f"{mine / max(other, 1e-9):.2f}")
    console.print(table)
    table = Table(title="log p(real bug) by a tilt", title_justify="left")
    for heading in ("leash", "nats", "95% interval"):
        table.add_column(heading, justify="right")
    for leash in LEASHES:
        gain = gains(trouble, leash)
        error = 1.96 * gain.std() / len(gain) ** 0.5
        table.add_row(f"{leash:g}", f"{gain.mean():+.3f}", f"{gain.mean() - error:+.3f} to {gain.mean() + error:+.3f}")
    console.print(table)


def main(arguments: Sequence[str]) -> None:
    fixes, corpus, run = arguments
    console = Console()
    splits = [Corpora.named([fixes]).split(name) for name in ("train", "valid")]
    sites = np.concatenate([split.sites() for split in splits]).astype(np.float64)
    found, error = power(sites, Corpora.named([corpus]).split("train").sites().astype(np.float64))
    console.print(f"real bugs stand in functions in proportion to the power {found:.2f} +- {1.96 * error:.2f} of their sites")
    network = load(run).network.eval()
    show(np.concatenate([troubles(split, network) for split in splits]), console)


if __name__ == "__main__":
    main(sys.argv[1:])
