"""What a confidence is worth, told in counts."""

from __future__ import annotations

import pytest

from buglab.scan.meaning import Meaning

TABLE = {
    "prior": 0.01,
    "classes": [
        {"from": 0.8, "to": 1.0, "right": 0.9312, "functions": 1200, "clean": 6},
        {"from": 0.0, "to": 0.8, "right": 0.02, "functions": 8800, "clean": 4900},
    ],
    "choices": [{"confidence": 0.5, "bugs": 5000, "solved": 1200, "clean": 5000, "alarms": 6}],
}


@pytest.mark.parametrize(("confidence", "share"), [(1.0, "about 93 were"), (0.8, "about 93 were"), (0.799, "about 2 were")])
def test_the_sentence_is_that_of_the_class(confidence: float, share: str) -> None:
    sentence = Meaning.of(TABLE).sentence(confidence)
    assert share in sentence
    assert "as if 1 in 100 had a bug" in sentence


def test_a_model_without_the_table_says_nothing() -> None:
    assert Meaning.of(None).sentence(0.9) == ""


@pytest.mark.parametrize("broken", [{}, {**TABLE, "prior": 0}, {**TABLE, "classes": [{"from": 0}]}, {**TABLE, "choices": [{}]}])
def test_a_malformed_table_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Meaning.of(broken)
