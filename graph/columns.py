"""Lists of many units as one column, and where each unit's part of it begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from .schema import Int


def integers(lists: Iterable[Iterable[int]]) -> Int:
    """The numbers of all lists, one behind the other."""
    return np.fromiter(chain.from_iterable(lists), np.int32)


def offsets(sizes: Sequence[int] | np.ndarray) -> Int:
    """Where each part begins, and where the last one ends."""
    ends = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=ends[1:])
    return ends
