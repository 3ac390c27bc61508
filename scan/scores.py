"""What the detector says about a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Natural logarithms of probabilities that sum to 1 over NO_BUG and all rewrites of one graph."""

    no_bug: float
    """log p(NO_BUG)"""
    option: NDArray[np.float32]
    """[num_options] log p(site, option); -inf for the option that the code as written selects"""
