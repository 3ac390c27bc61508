"""A real exported detector, untrained: what it says means nothing, how it says it is all the scanner needs."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path

import torch

from buglab.detector.calibrate import Calibration, Threshold
from buglab.graph.build import extract
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.rewrites.source import Source
from buglab.train.export import Export, write


def export_untrained(folder: Path, threshold: float = 0.5) -> Path:
    """Write one to ``folder`` through the real export, with its parity check."""
    torch.manual_seed(1)
    config = NetworkConfig(hidden=16, layers=2)
    graphs = [unit.graph for unit in extract(Source.parse(inspect.getsource(textwrap)))]
    export = Export("untrained", config, Calibration({"BL101": (0.5, 0.25)}, 0.01), Threshold(threshold, 0, 0, 0.0), {})
    write(Network(config).eval(), export, graphs, lambda parity: "An untrained network, for tests.\n", folder)
    return folder
