"""What real bugs say about the game: how hard they are, and in which functions they stand."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace

import numpy as np
import pytest
import torch
from rich.console import Console

from buglab.detector.decode import decode
from buglab.graph.build import extract
from buglab.graph.pack import pack
from buglab.models.batch import Batch, mutate
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.rewrites.source import Source
from buglab.selector.loss import HOPELESS
from buglab.train.fit_game import DRAWS, gains, power, show, troubles
from buglab.train.fit_realism import tight


@pytest.mark.parametrize("wanted", [0.5, 1.0])
def test_the_power_is_found_with_which_functions_were_drawn(wanted: float) -> None:
    dice = np.random.default_rng(0)
    sites = np.ceil(np.exp(dice.normal(2.2, 1.2, 20_000)))
    drawn = dice.choice(sites, 2_000, p=sites**wanted / (sites**wanted).sum())
    found, error = power(drawn, sites)
    assert abs(found - wanted) < 3 * error < 0.2


def test_the_best_leash_is_the_one_on_which_bugs_were_made() -> None:
    dice = np.random.default_rng(0)
    others = HOPELESS * dice.random((4_000, DRAWS))
    tilted = np.exp(others / 2.5)
    real = [dice.choice(row, p=weight / weight.sum()) for row, weight in zip(others, tilted, strict=True)]
    trouble = np.column_stack([real, HOPELESS * dice.random((4_000, DRAWS))])
    assert not gains(trouble, np.inf).any()
    gained = {leash: float(gains(trouble, leash).mean()) for leash in (0.5, 1.0, 2.5, 6.0, 20.0)}
    assert max(gained, key=gained.__getitem__) == 2.5
    assert gained[2.5] > 0 > gained[0.5]


def test_troubles_are_those_of_the_detector() -> None:
    graphs = [u.graph for u in extract(Source.parse(inspect.getsource(textwrap))) if u.graph.num_sites > 3][:3]
    known = [replace(graph, bug=int((np.diff(graph.cell_ptr) > 0).argmax())) for graph in graphs]
    torch.manual_seed(0)
    network = Network(NetworkConfig(hidden=16, layers=2)).eval()
    found = troubles(known, network)  # type: ignore[arg-type]
    assert found.shape == (3, 1 + DRAWS)
    for graph, trouble in zip(known, found[:, 0], strict=True):
        clean = Batch.of(pack([graph], tight(graph))[0])
        mutant = mutate(clean, clean.bug)
        verdict = decode(mutant, network(mutant))
        repair = int(clean.chosen[clean.option_site[clean.bug[0]]])
        assert -float(verdict.option[repair].detach()) == pytest.approx(trouble, rel=1e-4)
    console = Console(record=True, width=120)
    show(found, console)
    assert "3 real bugs" in console.export_text()
