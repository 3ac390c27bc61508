"""From the scores of a unit's graphs to its best candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..graph.build import UnitGraph
from ..rewrites.base import Site
from ..rewrites.unit import Unit
from .scores import Scores


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rewrite of one unit.  ``score`` is log p(site, option) - log p(NO_BUG): above 0 where it beats NO_BUG."""

    unit: Unit
    site: Site
    option: int
    score: float
    others: tuple[tuple[int, float], ...]
    """the site's other options with their scores, best first"""


def best_candidates(graphs: Sequence[UnitGraph], scores: Sequence[Scores], codes: frozenset[str]) -> list[Candidate]:
    """The best candidate of every unit, in order of the units: over all its windows, among the rules in ``codes``.

    A unit without a single option of these rules has none.
    """
    best: dict[int, tuple[float, UnitGraph, Scores, int]] = {}
    order: list[int] = []
    for found, score in zip(graphs, scores, strict=True):
        identity = id(found.unit)
        if identity not in best:
            order.append(identity)
            best[identity] = (-np.inf, found, score, -1)
        option = _best_option(found, score, codes)
        if option >= 0 and (odds := float(score.option[option]) - score.no_bug) > best[identity][0]:
            best[identity] = (odds, found, score, option)
    return [_candidate(odds, *best[identity][1:]) for identity in order if (odds := best[identity][0]) > -np.inf]


def _best_option(found: UnitGraph, scores: Scores, codes: frozenset[str]) -> int:
    """Index of the graph's most probable option whose rule is asked for, -1 if there is none."""
    wanted = np.array([site.rule.code in codes for site in found.sites], dtype=bool)
    if not wanted.any():
        return -1
    per_option = np.repeat(wanted, np.diff(found.graph.option_ptr))
    masked = np.where(per_option, scores.option, -np.inf)
    best = int(np.argmax(masked))
    return best if masked[best] > -np.inf else -1


def _candidate(odds: float, found: UnitGraph, scores: Scores, option: int) -> Candidate:
    pointer = found.graph.option_ptr
    row = int(np.searchsorted(pointer, option, side="right")) - 1
    site, first = found.sites[row], int(pointer[row])
    others = [
        (index, float(scores.option[first + index]) - scores.no_bug)
        for index in range(len(site.options))
        if index not in (site.chosen, option - first)
    ]
    return Candidate(found.unit, site, option - first, odds, tuple(sorted(others, key=lambda other: -other[1])))
