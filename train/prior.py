"""Bugs that need no player: what the learned selector starts from, is leashed to, and is compared with."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ..models.batch import Batch
from ..selector.realism import Realism, realistic_log_p
from ..selector.uniform import KINDS as RANDOM
from ..selector.uniform import uniform_log_p

KINDS = ("fixes", *RANDOM)

WEIGHTS = Path(__file__).parent / "realism.json"
"""Fitted to real fixes by ``fit_realism``."""


def prior_log_p(batch: Batch, kinds: str) -> Tensor:
    """[options] log-probability: ``fixes``, as people make bugs (``realistic_log_p``); others as in ``uniform_log_p``."""
    if kinds == "fixes":
        return realistic_log_p(batch, realism(batch.chosen.device))
    return uniform_log_p(batch, kinds)


@cache
def realism(device: torch.device) -> Realism:
    """The weights in the package, on a device."""
    return Realism.of(json.loads(WEIGHTS.read_text())).to(device)
