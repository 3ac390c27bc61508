"""What is known of a rewrite beside its score, and what a model's weights make of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from buglab.graph.build import UnitGraph, extract
from buglab.graph.labels import RULES
from buglab.rewrites.source import Source
from buglab.scan.features import FAR, features, weigh
from buglab.scan.reliability import NUMBERS, RISING, Reliability
from buglab.scan.scores import Scores

TEXT = "def f(state, new_state, other):\n    if state < other:\n        return new_state\n    return other\n"
ODDS, LEAD, SHARE, ENTROPY, COMMON = range(len(NUMBERS))


@pytest.fixture(scope="module")
def unit() -> UnitGraph:
    (found,) = (found for found in extract(Source.parse(TEXT)) if found.unit.name == "f")
    return found


def said(unit: UnitGraph, seed: int = 0) -> Scores:
    """What a detector might say: a distribution."""
    logit = np.random.default_rng(seed).normal(0, 2, unit.graph.num_options + 1)
    logit[unit.graph.option_ptr[:-1] + unit.graph.chosen] = -np.inf
    log_p = logit - np.log(np.exp(logit).sum())
    return Scores(float(log_p[-1]), log_p[:-1].astype(np.float32))


def slices(unit: UnitGraph) -> list[slice]:
    """The options of each site."""
    return [slice(first, last) for first, last in pairwise(unit.graph.option_ptr)]


def test_each_number_is_what_its_name_says(unit: UnitGraph) -> None:
    scores = said(unit)
    found, odds = features(unit.graph, scores), scores.option - scores.no_bug
    real = np.isfinite(scores.option)
    np.testing.assert_allclose(found[real, ODDS], odds[real], atol=1e-5)
    share = []
    for mine in slices(unit):
        elsewhere = np.delete(odds, range(mine.start, mine.stop)).max()
        np.testing.assert_allclose(
            found[mine, LEAD][real[mine]], np.minimum(odds[mine] - elsewhere, FAR)[real[mine]], atol=1e-5
        )
        assert np.exp(found[mine, SHARE]).sum() == pytest.approx(1, abs=1e-5)
        share.append(np.exp(scores.option[mine]).sum() / np.exp(scores.option).sum())
    assert np.ptp(found[:, ENTROPY]) == 0
    assert found[0, ENTROPY] == pytest.approx(-np.sum(np.array(share) * np.log(share)), abs=1e-5)


def test_words_in_common_are_those_of_names(unit: UnitGraph) -> None:
    found = features(unit.graph, said(unit))
    for site, mine in zip(unit.sites, slices(unit), strict=True):
        written = site.options[site.chosen].content
        for option, common in zip(site.options, found[mine, COMMON], strict=True):
            names = {written, option.content}
            if site.rule.code != "BL101":
                assert common == 0
            elif option.content != written:
                assert common == (0.5 if names == {"state", "new_state"} else 0)


def test_what_is_written_decides_what_names_have_in_common(unit: UnitGraph) -> None:
    """A mutant's graph is the original with another choice."""
    row = next(row for row, site in enumerate(unit.sites) if site.options[site.chosen].content == "other")
    options, mine = unit.sites[row].options, slices(unit)[row]
    chosen = unit.graph.chosen.copy()
    chosen[row] = next(at for at, option in enumerate(options) if option.content == "state")
    common = features(replace(unit.graph, chosen=chosen), said(unit))[mine, COMMON]
    assert {option.content: value for option, value in zip(options, common, strict=True)} == {
        "state": 1.0,
        "new_state": 0.5,
        "other": 0.0,
    }


def test_a_lone_site_leads_as_far_as_one_can_and_no_site_has_nothing() -> None:
    (alone,) = (found for found in extract(Source.parse("def f():\n    return 1\n")) if found.unit.name == "f")
    assert alone.graph.num_sites == 1
    found = features(alone.graph, said(alone))
    assert found[np.isfinite(said(alone).option), LEAD].max() == FAR
    assert found[0, ENTROPY] == pytest.approx(0)
    (module,) = extract(Source.parse("pass\n"))
    assert features(module.graph, Scores(0.0, np.zeros(0, np.float32))).shape == (0, len(NUMBERS))


def test_a_rewrite_that_becomes_more_probable_never_becomes_less_reliable(unit: UnitGraph) -> None:
    table = Reliability(tuple([0.4] * RISING + [0.0] * (len(NUMBERS) - RISING)), dict.fromkeys(RULES, -1.0))
    scores = said(unit)
    before = weigh(table, unit.graph, scores)
    for option in np.flatnonzero(np.isfinite(scores.option)):
        raised = scores.option.copy()
        raised[option] += 1
        assert weigh(table, unit.graph, Scores(scores.no_bug, raised))[option] > before[option]
