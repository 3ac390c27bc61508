from __future__ import annotations

import numpy as np
import pytest

from buglab.detector.calibrate import LEAST_CLEAN, choices, classes, fit, reliability, threshold
from buglab.detector.reliability import Proposals, Weights

CODES = ["BL101", "BL201", "BL301"]


def world(number: int, prior: float, seed: int = 0) -> tuple[Proposals, np.ndarray]:
    """Best candidates of ``number`` functions, of which the share ``prior`` carries a bug: right ones score higher.  And which
    functions these are."""
    dice = np.random.default_rng(seed)
    mutant = dice.random(number) < prior
    right = mutant & (dice.random(number) < 0.6)
    rules = dice.integers(0, 2, number)  # none of the third
    score = dice.normal(np.where(right, 2.0, -2.0), 1.5).astype(np.float32)
    more = dice.normal(np.where(right, 1.0, 0.0), 1.0)
    return Proposals(np.stack([score, more], axis=1), rules, right), mutant


@pytest.mark.parametrize("weights", [None, Weights(np.array([2.0, 1.5]), np.array([7.0, 7.0, 7.0]))])
def test_confidences_are_the_shares_at_the_prior_in_use(weights: Weights | None) -> None:
    """By a curve per rule, or by weights, however wrong their own idea of how often a finding is right."""
    calibration = fit(CODES, *world(40_000, 0.5), prior=0.05, weights=weights)
    found, _ = world(400_000, 0.05, seed=1)
    rows = reliability(calibration.confidence(CODES, found.rules, found.features), found.right, np.ones(400_000))
    assert len(rows) == 10
    for row in rows:
        assert row["right"] == pytest.approx(row["confidence"], abs=0.06)


def test_a_rule_without_examples_has_the_common_curve_and_every_curve_rises() -> None:
    calibration = fit(CODES, *world(5_000, 0.5), prior=0.01)
    assert set(calibration.families) == set(CODES)
    for rule in range(len(CODES)):
        low, high = calibration.confidence(CODES, np.array([rule, rule]), np.array([[0.0], [3.0]]))
        assert 0 < low < high < 1
    assert calibration.families["BL301"][0] == pytest.approx(calibration.families["BL101"][0], rel=0.2)


def test_weights_stand_in_the_place_of_curves_and_keep_their_order() -> None:
    weights = Weights(np.array([2.0, 1.5]), np.array([0.0, -1.0, 3.0]))
    calibration = fit(CODES, *world(5_000, 0.5), weights=weights)
    assert calibration.weights is not None
    assert not calibration.families
    found, _ = world(1_000, 0.5, seed=2)
    before, after = (each.log_odds(found.features, found.rules) for each in (weights, calibration.weights))
    assert (np.diff(after[np.argsort(before)]) > -1e-4).all()


def test_a_useless_score_is_not_turned_round() -> None:
    dice = np.random.default_rng(0)
    mutant = np.arange(1000) % 2 == 0
    useless = Proposals((-5.0 * mutant + dice.normal(size=1000))[:, None], np.zeros(1000, int), mutant)
    calibration = fit(CODES, useless, mutant)
    assert all(slope > 0 for slope, _ in calibration.families.values())


@pytest.mark.parametrize("mutant", [[True, True], [False, False]])
def test_both_kinds_of_function_are_needed(mutant: list[bool]) -> None:
    with pytest.raises(ValueError, match="with and without bugs"):
        fit(CODES, Proposals(np.zeros((2, 1)), np.zeros(2, int), np.array(mutant)), np.array(mutant))


@pytest.mark.parametrize(("clean", "alarms"), [(10_000, 5), (2_000, 1), (1_999, 0), (50, 0), (1, 0)])
def test_at_most_one_clean_function_in_two_thousand_alarms(clean: int, alarms: int) -> None:
    confidence = np.random.default_rng(0).random(clean) * 0.3
    least = threshold(confidence, 1 / 2000)
    assert (confidence >= least.confidence).sum() == least.alarms <= alarms
    assert least.clean_functions == clean
    assert least.confidence <= 1


def test_equal_confidences_alarm_together_or_not_at_all() -> None:
    least = threshold(np.full(4000, 0.25), 1 / 2000)
    assert least.alarms == 0
    assert least.confidence > 0.25


def test_classes_of_confidence_hold_enough_clean_functions_and_count_as_in_use() -> None:
    rng = np.random.default_rng(3)
    clean = np.repeat([True, False], 2_000)
    confidence = np.where(clean, rng.beta(1, 8, 4_000), rng.beta(4, 2, 4_000))
    right = ~clean & (rng.random(4_000) < 0.9)
    found = classes(confidence, right, clean, 0.01)
    assert [row["to"] for row in found[1:]] == [row["from"] for row in found[:-1]]
    assert (found[0]["to"], found[-1]["from"]) == (1.0, 0.0)
    assert sum(row["functions"] for row in found) == 4_000
    assert all(row["clean"] >= LEAST_CLEAN for row in found[:-1])
    top = confidence >= found[0]["from"]
    bugs, alarms = 0.01 * (right & top).sum() / 2_000, 0.99 * (clean & top).sum() / 2_000
    wrong = 0.01 * (~clean & ~right & top).sum() / 2_000
    assert found[0]["right"] == pytest.approx(bugs / (bugs + alarms + wrong), abs=1e-4)
    table = choices(confidence, right, clean)
    assert [row["solved"] for row in table] == sorted((row["solved"] for row in table), reverse=True)
    half = next(row for row in table if row["confidence"] == 0.5)
    assert half["alarms"] == (clean & (confidence >= 0.5)).sum()
