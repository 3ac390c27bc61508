"""From a stream of graphs to packed batches, prepared by one background thread in a fixed order.

A batch that does not take a graph leaves it for the next one, so the position in the data is more than an index: it is where
the oldest waiting graph came from, and which graphs behind it are still waiting.  ``Feed.state`` holds exactly that, as of the
last batch that was handed out (not of those that the thread has prepared ahead).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from ..data.dataset import GraphStream, Position
from ..graph.pack import Budget, Packed, pack
from ..graph.schema import CodeGraph
from .errors import TrainError

LOOK_AHEAD = 64
"""Graphs kept waiting beyond what a batch can take, so that small ones fill what large ones leave."""


OpenStream = Callable[[Position], GraphStream]


@dataclass
class _Waiting:
    ordinal: int
    """how many graphs came before it"""
    position: Position
    graph: CodeGraph


class Feed:
    """Endless iterator over packed batches; close it to end its thread."""

    def __init__(self, open_stream: OpenStream, budget: Budget, state: dict[str, Any] | None = None, ahead: int = 2) -> None:
        self.open_stream, self.budget = open_stream, budget
        self.state: dict[str, Any] = state or {}
        self._queue: queue.Queue[tuple[Packed, dict[str, Any]] | BaseException] = queue.Queue(max(1, ahead))
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(dict(self.state),), name="feed", daemon=True)
        self._thread.start()

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> Packed:
        item = self._queue.get()
        if isinstance(item, BaseException):
            raise item
        batch, self.state = item
        return batch

    def close(self) -> None:
        self._closed.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._thread.join(timeout=5)

    def _run(self, state: dict[str, Any]) -> None:
        try:
            for item in batches(self.open_stream, self.budget, state):
                if not self._put(item):
                    return
        except BaseException as error:  # handed to the reader, who raises it
            self._put(error)

    def _put(self, item: tuple[Packed, dict[str, Any]] | BaseException) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False


def batches(open_stream: OpenStream, budget: Budget, state: dict[str, Any]) -> Iterator[tuple[Packed, dict[str, Any]]]:
    """Yield (batch, state after it).  ``state`` is empty at the start of a run.  Deterministic."""
    stream = open_stream(Position(**state.get("position", {})))
    iterator = iter(stream)
    count = state.get("first", 0)
    waiting: list[_Waiting] = []
    kept = set(state.get("waiting", ()))
    for ordinal in range(count, state.get("count", 0)):  # read again what was waiting when the state was saved
        position = stream.position
        graph = next(iterator)
        if ordinal in kept:
            waiting.append(_Waiting(ordinal, position, graph))
    count = state.get("count", 0)
    skipped = state.get("skipped", 0)
    while True:
        while len(waiting) < budget.graphs + LOOK_AHEAD:
            position = stream.position
            waiting.append(_Waiting(count, position, next(iterator)))
            count += 1
        batch, left = pack([w.graph for w in waiting], budget)
        if len(left) == len(waiting):
            raise TrainError(
                f"none of {len(left)} functions fits into a batch of {budget.nodes} nodes: raise budget.nodes and the others"
            )
        left_over = [waiting[i] for i in sorted(left)]
        if left and left_over[0] is waiting[0]:  # tried first in an empty batch and did not fit: it never will
            left_over = left_over[1:]
            skipped += 1
        waiting = left_over
        first = waiting[0] if waiting else None
        yield (
            batch,
            {
                "position": msgspec.to_builtins(first.position if first else stream.position),
                "first": first.ordinal if first else count,
                "count": count,
                "waiting": [w.ordinal for w in waiting],
                "skipped": skipped,
            },
        )
