"""What the selector earns, the detector's trouble with its bugs, and how it learns to expect it."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

HOPELESS = 5.0
"""Nats above which more detector loss earns nothing: a bug nobody can find is likely no bug."""


REWARDS = ("trouble", "middling")


def reward(trouble: Tensor, kind: str = "trouble") -> Tensor:
    """[graphs] what each bug earns, from ``trouble`` = -log p, p the detector's probability of undoing it.

    ``trouble``: -log p up to HOPELESS (Allamanis et al. 2021, section 3: max over the selector).  ``middling``: 4 p (1 - p),
    the learnability of Rutherford et al. 2024, scaled to 1 where the detector succeeds half of the time; 0 where it always
    does and where it never does.
    """
    if kind == "middling":
        solved = trouble.detach().neg().exp()
        return 4 * solved * (1 - solved)
    return trouble.detach().clamp(max=HOPELESS)


def selector_loss(expected: Tensor, earned: Tensor) -> Tensor:
    """[draws] how far each bug's ``expected`` earnings are from what it ``earned`` [draws]; Huber's loss, per draw.

    Whoever drew a bug, both players learn from it.
    """
    return F.smooth_l1_loss(expected, earned, reduction="none")
