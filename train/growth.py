"""Weights carried into a run whose graphs say more: rows of tables move by what they stand for, new ones start as made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from torch import Tensor

from .errors import CheckpointError

_TABLES = (
    (re.compile(r"embedding\.label\.weight$"), "labels", 1),
    (re.compile(r"embedding\.role\.weight$"), "roles", 1),
    (re.compile(r"\b(site_rule|rule|contrast)\.weight$"), "rules", 1),
    (re.compile(r"encoder\.layers\.\d+\.weight$"), "relations", 2),  # along the edges, then against them
)
"""name of a tensor, vocabulary of its rows, how many times the rows run through it"""

_WEIGHTS = ("detector/", "selector/", "average/")


def grown(
    old: Mapping[str, Tensor],
    fresh: Mapping[str, Tensor],
    before: Mapping[str, Sequence[str]],
    now: Mapping[str, Sequence[str]],
) -> dict[str, Tensor]:
    """The state of a game that starts with the weights in ``old``, as far as their rows mean something now.

    ``fresh``: the state of the new game as it starts; ``before`` and ``now``: the vocabularies of both.  Optimisers, dice and
    steps start anew.  Raises CheckpointError where a weight has another shape than its vocabulary explains.
    """
    state = dict(fresh)
    for name, value in fresh.items():
        if name.startswith(_WEIGHTS) and name in old:
            state[name] = _moved(name, old[name], value, before, now)
    return state


def _moved(
    name: str, old: Tensor, fresh: Tensor, before: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]
) -> Tensor:
    kind, times = next(((kind, times) for pattern, kind, times in _TABLES if pattern.search(name)), ("", 1))
    rows = times * len(before.get(kind, ())) if kind else len(old) if old.dim() else 0
    if old.shape[1:] != fresh.shape[1:] or (old.dim() and rows != len(old)) or (not kind and old.shape != fresh.shape):
        raise CheckpointError(
            f"{name} has the shape {list(old.shape)} in the checkpoint and {list(fresh.shape)} here; start_from needs the same "
            "settings of the networks"
        )
    if not kind:
        return old
    result = fresh.clone()
    place = {word: row for row, word in enumerate(before[kind])}
    for row, word in enumerate(now[kind]):
        if word in place:
            for turn in range(times):
                result[turn * len(now[kind]) + row] = old[turn * len(before[kind]) + place[word]]
    return result
