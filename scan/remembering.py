"""A detector for texts that come again and again with little changed, as from an editor: it scores what it has not seen."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.schema import CodeGraph
from .model import Model
from .runtime import Runtime
from .scores import Scores

MOST = 5_000
"""Graphs whose scores are kept, those that were asked for last: some 10 MB, and the functions of 100,000 lines."""

ARRAYS = tuple(field.name for field in fields(CodeGraph) if field.name != "bug")


class Remembering(Runtime):
    """Gives the same scores for the same graph without computing them again."""

    def __init__(self, model: Model, weights: dict[str, NDArray[np.float32]]) -> None:
        super().__init__(model, weights)
        self._known: dict[bytes, Scores] = {}

    def score(self, graphs: Sequence[CodeGraph]) -> list[Scores]:
        keys = [_key(graph) for graph in graphs]
        new = {key: graph for key, graph in zip(keys, graphs, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, super().score(list(new.values())), strict=True))
        scores = [self._known[key] for key in keys]
        for key, found in zip(keys, scores, strict=True):  # to the end of the line
            self._known.pop(key, None)
            self._known[key] = found
        for key in list(self._known)[: max(len(self._known) - MOST, 0)]:
            del self._known[key]
        return scores


def _key(graph: CodeGraph) -> bytes:
    hashed = hashlib.blake2b(digest_size=20)
    for name in ARRAYS:
        array: NDArray[Any] = getattr(graph, name)
        hashed.update(f"{array.dtype}{array.shape}".encode())
        hashed.update(np.ascontiguousarray(array).data)
    return hashed.digest()
