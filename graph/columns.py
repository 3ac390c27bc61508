"""Lists of many units as one column, and where each unit's part of it begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .schema import NULL, Int


def integers(numbers: Iterable[int]) -> Int:
    """The numbers as a column."""
    return np.fromiter(numbers, np.int32)


def either(number: Int, otherwise: Int) -> Int:
    """``number``, or ``otherwise`` where it is NULL."""
    return np.where(number == NULL, otherwise, number)


def offsets(sizes: Sequence[int] | np.ndarray) -> Int:
    """Where each part begins, and where the last one ends."""
    ends = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=ends[1:])
    return ends
