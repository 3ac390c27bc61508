"""The best candidate of a unit: over rules, over windows."""

from __future__ import annotations

import numpy as np

from buglab.graph.build import UnitGraph, extract
from buglab.rewrites.source import Source
from buglab.scan.candidates import Candidate, ranked_candidates
from buglab.scan.scores import Scores

TEXT = "def f(a, b):\n    if a < b:\n        return a - b\n    return b\n\n\nclass C:\n    pass\n"


def scores(unit: UnitGraph, values: dict[tuple[str, int], float], no_bug: float = -1.0) -> Scores:
    """Scores that are -9 but for ``values``: (rule, index among the options that are not chosen) -> log p."""
    graph = unit.graph
    option = np.full(graph.num_options, -9.0, np.float32)
    free: dict[str, list[int]] = {}
    for row, site in enumerate(unit.sites):
        first = int(graph.option_ptr[row])
        option[first + site.chosen] = -np.inf
        free.setdefault(site.rule.code, []).extend(first + i for i in range(len(site.options)) if i != site.chosen)
    for (code, index), value in values.items():
        option[free[code][index]] = value
    return Scores(no_bug, option)


def rank(units: list[UnitGraph], said: list[Scores]) -> list[Candidate]:
    """The candidates of the only unit that has any."""
    (found,) = [found for found in ranked_candidates(units, said, {}).values() if found]
    return found


def test_best_of_each_rule_with_its_odds_and_the_other_options_of_the_site() -> None:
    units = extract(Source.parse(TEXT))
    said = [
        scores(unit, {("BL201", 2): -0.5, ("BL201", 0): -3.0, ("BL101", 0): -2.0} if unit.unit.name == "f" else {})
        for unit in units
    ]
    best, second, *rest = rank(units, said)
    assert best.unit.name == "f", "the module and the class have no sites"
    assert (best.site.rule.code, round(best.score, 5)) == ("BL201", 0.5)
    assert round(best.others[0][1], 5) == -2.0
    assert len(best.others) == len(best.site.options) - 2
    assert best.site.chosen not in (best.option, *(index for index, _ in best.others))
    assert (second.site.rule.code, round(second.score, 5)) == ("BL101", -1.0)
    assert {round(candidate.score, 5) for candidate in rest} <= {-8.0}
    codes = [candidate.site.rule.code for candidate in (best, second, *rest)]
    assert len(codes) == len(set(codes))
    assert set(codes) == {site.rule.code for site in best.unit.sites}


def test_a_unit_in_several_windows_has_one_best_candidate_of_a_rule() -> None:
    text = "def f(a, b):\n" + "".join(f"    x{i} = a < b\n" for i in range(60))
    windows = [unit for unit in extract(Source.parse(text), limit=200) if unit.unit.name == "f"]
    assert len(windows) > 2
    said = [scores(window, {("BL201", 1): -3.0}) for window in windows]
    said[1] = scores(windows[1], {("BL201", 3): -2.0}, no_bug=-4.0)
    best, *rest = rank(windows, said)
    assert round(best.score, 5) == 2.0
    assert best.site in windows[1].sites
    assert best.site.rule.code not in [candidate.site.rule.code for candidate in rest]


def test_an_option_that_would_change_nothing_is_no_candidate() -> None:
    units = extract(Source.parse("def f(a, b):\n    return g(a, a) if a < b else b\n"))
    said = [scores(unit, {("BL401", 0): -0.1} if unit.unit.name == "f" else {}) for unit in units]
    assert "BL401" in {site.rule.code for unit in units for site in unit.sites}
    found = rank(units, said)
    assert "BL401" not in {candidate.site.rule.code for candidate in found}
    assert all(candidate.site.options[index].edit for candidate in found for index, _ in candidate.others)
