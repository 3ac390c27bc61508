"""From the scores of a unit's graphs to its best candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..graph.build import UnitGraph
from ..rewrites.base import Option, Site
from ..rewrites.unit import Unit
from .deliberate import Deliberate
from .scores import Scores

NOTHING = Deliberate()

DOUBT = -4.0
"""log p(site, option) - log p(NO_BUG) below which a candidate is not worth the question whether it goes against a habit."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rewrite of one unit.  ``score`` is what its confidence is made of: log p(site, option) - log p(NO_BUG), or what the
    model's reliability makes of it."""

    unit: Unit
    site: Site
    option: int
    score: float
    others: tuple[tuple[int, float], ...]
    """the site's other options that are worth proposing, with their scores, best first"""


def ranked_candidates(
    graphs: Sequence[UnitGraph], scores: Sequence[Scores], meant: Mapping[int, Deliberate]
) -> dict[int, list[Candidate]]:
    """For every unit, by ``id``, the best candidate of each rule over all its windows, best first in the detector's eyes.

    Whatever rules are asked for, the first of them in this list is the unit's best candidate.  ``meant``, by ``id`` of a unit
    too, is what nothing is proposed against.
    """
    best: dict[int, dict[str, tuple[float, UnitGraph, Scores, int]]] = {}
    for found, score in zip(graphs, scores, strict=True):
        ranks = best.setdefault(id(found.unit), {})
        for code, option in _best_options(found, score, meant.get(id(found.unit), NOTHING)):
            odds = float(score.option[option]) - score.no_bug
            if code not in ranks or odds > ranks[code][0]:
                ranks[code] = (odds, found, score, option)
    return {
        unit: [_candidate(*rank[1:], meant.get(unit, NOTHING)) for rank in sorted(ranks.values(), key=lambda rank: -rank[0])]
        for unit, ranks in best.items()
    }


def _is_worth_proposing(site: Site, option: Option, meant: Deliberate) -> bool:
    """It changes something, and nothing that is meant as it is."""
    return option.edit is not None and not meant.keeps(site, option)


def _best_options(found: UnitGraph, scores: Scores, meant: Deliberate) -> Iterator[tuple[str, int]]:
    """(code, index of the most probable option) for each rule that has sites in the graph, in order of the options."""
    if not found.sites:
        return
    codes = np.array([site.rule.code for site in found.sites])
    per_option = np.repeat(codes, np.diff(found.graph.option_ptr))
    worth = np.array([_is_worth_proposing(site, option, meant) for site in found.sites for option in site.options])
    possible = np.where(worth, scores.option, -np.inf)
    bests = []
    for code in dict.fromkeys(codes.tolist()):
        masked = np.where(per_option == code, possible, -np.inf)
        while masked[best := int(np.argmax(masked))] > -np.inf:
            site, chosen = _at(found, best)
            if masked[best] - scores.no_bug < DOUBT or not meant.is_habit(site, site.options[chosen]):
                bests.append((best, code))
                break
            masked[best] = -np.inf
    yield from ((code, best) for best, code in sorted(bests))


def _at(found: UnitGraph, option: int) -> tuple[Site, int]:
    """The site of the option with this index in the graph, and which of the site's it is."""
    pointer = found.graph.option_ptr
    row = int(np.searchsorted(pointer, option, side="right")) - 1
    return found.sites[row], option - int(pointer[row])


def _candidate(found: UnitGraph, scores: Scores, option: int, meant: Deliberate) -> Candidate:
    site, chosen = _at(found, option)
    first, odds = option - chosen, scores.odds
    others = [
        (index, float(odds[first + index]))
        for index, other in enumerate(site.options)
        if _is_worth_proposing(site, other, meant) and index != chosen
    ]
    return Candidate(found.unit, site, chosen, float(odds[option]), tuple(sorted(others, key=lambda other: -other[1])))
