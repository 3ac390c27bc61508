"""What is known of each rewrite of a graph once the detector has spoken, beside its score: the input of ``Reliability``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..graph.labels import RULES
from ..graph.schema import CodeGraph
from .reliability import NUMBERS, RISING, Reliability
from .scores import Scores

Floats = NDArray[np.float64]

FAR = 6.0
"""A greater lead over the best rewrite elsewhere says no more."""

FLOOR = -50.0
"""In place of what is less probable still, and of the options that are written, whose rows mean nothing."""

NOTHING = np.array([FLOOR if number < RISING else 0.0 for number in range(len(NUMBERS))])
"""[len(NUMBERS)] of a rewrite that is out of the question"""

NAMES = np.isin(np.array(RULES), ("BL101", "BL102", "BL103"))
"""[len(RULES)] rules whose rewrites take one name for another"""


def features(graph: CodeGraph, scores: Scores) -> Floats:
    """[num_options, len(NUMBERS)]: the score; it less that of the best rewrite at any other site, at most FAR; log p(option |
    site); the entropy of p(site | bug) in nats; and for rewrites of names the share of words that the names have in common.

    ``graph.chosen`` must be what the detector was shown.
    """
    if not graph.num_options:
        return np.zeros((0, len(NUMBERS)))
    first, count = graph.option_ptr[:-1], np.diff(graph.option_ptr)
    site = np.repeat(np.arange(graph.num_sites, dtype=np.int64), count)
    odds = np.maximum(scores.option.astype(np.float64) - scores.no_bug, FLOOR)
    best = np.maximum.reduceat(odds, first)
    of_site = best + np.log(np.add.reduceat(np.exp(odds - best[site]), first))
    share = np.exp(of_site - of_site.max())
    share /= share.sum()
    entropy = -float((share * np.log(np.maximum(share, 1e-12))).sum())
    winner = int(best.argmax())
    elsewhere = np.full(graph.num_sites, best[winner])
    elsewhere[winner] = np.delete(best, winner).max(initial=FLOOR)
    lead = np.minimum(odds - elsewhere[site], FAR)
    return np.stack([odds, lead, odds - of_site[site], np.full(len(odds), entropy), _common(graph, site)], axis=1)


def weigh(reliability: Reliability, graph: CodeGraph, scores: Scores) -> Floats:
    """[num_options] log-odds that each rewrite is right."""
    rules = np.array([reliability.rules.get(code, 0.0) for code in RULES])
    of_rule = np.repeat(rules[graph.site_rule], np.diff(graph.option_ptr))
    return np.asarray(features(graph, scores) @ np.array(reliability.numbers) + of_rule, np.float64)


def _common(graph: CodeGraph, site: NDArray[np.int64]) -> Floats:
    """[num_options] share of the subtokens of two names that both have, 0 for what is no name."""
    found = np.zeros(graph.num_options)
    rows = np.flatnonzero(NAMES[graph.site_rule][site])
    text = graph.texts[graph.option_text[rows]]
    other = graph.texts[graph.option_text[(graph.option_ptr[:-1] + graph.chosen)[site[rows]]]]
    common = ((text[:, :, None] == other[:, None, :]) & (text > 0)[:, :, None]).any(axis=2).sum(axis=1)
    either = (text > 0).sum(axis=1) + (other > 0).sum(axis=1) - common
    found[rows] = common / np.maximum(either, 1)
    return found
