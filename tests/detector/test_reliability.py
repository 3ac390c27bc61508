"""The logistic model finds the weights that made the data, and never rewards what should count against a proposal."""

from __future__ import annotations

import numpy as np
import pytest

from buglab.detector.logistic import sigmoid
from buglab.detector.reliability import Proposals, Weights, fit

TRUE = Weights(np.array([0.8, 0.5, -0.3]), np.array([-1.0, 0.5, -0.2]))


def world(number: int, weights: Weights, seed: int = 0) -> Proposals:
    dice = np.random.default_rng(seed)
    features = dice.normal([1.0, 2.0, 30.0], [2.0, 1.0, 3.0], (number, 3))
    rules = dice.integers(0, 2, number)  # none of the third
    return Proposals(features, rules, dice.random(number) < sigmoid(weights.log_odds(features, rules) + 9.0))


def test_the_weights_that_made_the_data_are_found() -> None:
    found = fit(world(40_000, TRUE), np.ones(40_000), 3, 2)
    np.testing.assert_allclose(found.numbers, TRUE.numbers, atol=0.05)
    assert found.rules[1] - found.rules[0] == pytest.approx(1.5, abs=0.1)
    assert found.rules[0] < found.rules[2] < found.rules[1], "a rule that was never seen is like the others"
    again = world(40_000, TRUE, seed=1)
    sure = sigmoid(found.log_odds(again.features, again.rules))
    for low in np.arange(0.1, 0.9, 0.1):
        mine = (sure >= low) & (sure < low + 0.1)
        assert again.right[mine].mean() == pytest.approx(sure[mine].mean(), abs=0.05)


def test_what_counts_twice_weighs_twice() -> None:
    data = world(3_000, TRUE)
    mine = np.arange(3_000) < 1_000
    twice = Proposals.joined([data, data[mine]])
    one = fit(data, np.where(mine, 2.0, 1.0), 3, 0)
    other = fit(twice, np.ones(4_000), 3, 0)
    np.testing.assert_allclose(one.numbers, other.numbers, atol=1e-6)


def test_a_number_that_should_rise_never_falls() -> None:
    wrong = Weights(np.array([0.8, -0.5, -0.3]), TRUE.rules)
    free, held = (fit(world(20_000, wrong), np.ones(20_000), 3, rising) for rising in (0, 2))
    assert free.numbers[1] < -0.4
    assert held.numbers[1] == 0
    assert held.numbers[0] > 0.5
    assert held.numbers[2] < -0.2


def test_a_number_that_is_always_the_same_has_no_weight() -> None:
    data = world(2_000, TRUE)
    features = np.concatenate([data.features, np.full((2_000, 1), 7.0)], axis=1)
    assert fit(Proposals(features, data.rules, data.right), np.ones(2_000), 3, 2).numbers[3] == pytest.approx(0)


@pytest.mark.parametrize("right", [True, False])
def test_right_ones_and_wrong_ones_are_needed(right: bool) -> None:
    with pytest.raises(ValueError, match="there must be right ones and wrong ones"):
        fit(Proposals(np.zeros((2, 1)), np.zeros(2, int), np.full(2, right)), np.ones(2), 1, 1)
