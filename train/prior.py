"""Bugs that need no player: what the learned selector tilts, and what it is compared with."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ..models.batch import Batch
from ..models.segments import LOW
from ..selector.linted import linted
from ..selector.realism import Realism, realistic_log_p
from ..selector.sampling import normalise
from ..selector.uniform import KINDS as RANDOM
from ..selector.uniform import uniform_log_p

KINDS = ("fixes", *RANDOM)

WEIGHTS = Path(__file__).parent / "realism.json"
"""Fitted to real fixes by ``fit_realism``."""


def prior_log_p(batch: Batch, kinds: str, with_linted: bool = True) -> Tensor:
    """[options] log-probability: ``fixes``, as people make bugs (``realistic_log_p``); others as in ``uniform_log_p``.

    Without ``with_linted``, bugs that linters find are left out.
    """
    log_p = realistic_log_p(batch, realism(batch.chosen.device)) if kinds == "fixes" else uniform_log_p(batch, kinds)
    return log_p if with_linted else normalise(batch, torch.where(linted(batch), LOW, log_p))


@cache
def realism(device: torch.device) -> Realism:
    """The weights in the package, on a device."""
    return Realism.of(json.loads(WEIGHTS.read_text())).to(device)
