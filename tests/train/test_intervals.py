from __future__ import annotations

import numpy as np
import pytest

from buglab.train.intervals import recall_at, share, wilson


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_as_published(hits: int, cases: int, low: float, high: float) -> None:
    """Newcombe 1998, table I (method 3), and by hand."""
    found = wilson(hits, cases)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_no_cases_say_nothing() -> None:
    assert str(wilson(0, 0)) == "-"
    assert share(np.zeros(0, bool)).cases == 0


def test_recall_counts_what_lies_above_the_clean_functions() -> None:
    clean = np.arange(100, dtype=float)  # 5 of them above 94
    score = np.array([94.0, 94.5, 200.0, 200.0])
    found = np.array([True, True, True, False])
    assert recall_at(found, score, clean, 0.05).hits == 2
    assert recall_at(found, score, clean, 0.0).hits == 1
    recall = recall_at(found, score, clean, 0.05)
    assert recall.low <= recall.value <= recall.high


def test_no_hit_does_not_mean_never() -> None:
    recall = recall_at(np.zeros(50, bool), np.zeros(50), np.ones(50), 0.01)
    assert recall.hits == 0
    assert recall.high > 0.05
