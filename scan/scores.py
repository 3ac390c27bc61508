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
    weighed: NDArray[np.float64] | None = None
    """[num_options] log-odds that the rewrite is right, by the model's reliability; None for a model without"""

    @property
    def odds(self) -> NDArray[np.float64]:
        """[num_options] what confidences are made of: ``weighed``, else log p(site, option) - log p(NO_BUG)."""
        return self.option.astype(np.float64) - self.no_bug if self.weighed is None else self.weighed
