"""From a file's units to their graphs, with sites, options and deltas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..rewrites.base import Site
from ..rewrites.project import ALONE, Around
from ..rewrites.source import Source
from ..rewrites.unit import Unit
from .assembly import Assembly
from .context import Surroundings
from .draft import Draft
from .schema import CodeGraph
from .window import windows

EXTRACTOR_VERSION = "5"
"""Changes whenever the same text may give other arrays."""

NODE_LIMIT = 1024
"""Nodes of one graph; larger units arrive as several windows."""

TOGETHER = 32_768
"""Nodes from which on the units of a file are made in more than one go: their options take some 150 bytes for each."""


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """A unit, or a window of it, as a graph; ``sites[i]`` is what row i of the graph's site arrays stands for."""

    unit: Unit
    graph: CodeGraph
    sites: tuple[Site, ...]


def extract(source: Source, limit: int = NODE_LIMIT, around: Around = ALONE) -> list[UnitGraph]:
    """All units of a file as graphs of at most ``limit`` nodes (a single symbol-rich window may exceed it slightly).

    ``around`` is the file's place in its project, whose signatures its calls are shown; without, the file is seen alone.
    """
    surroundings = Surroundings(source, around)
    found: list[UnitGraph] = []
    for units in _batches(source.units):
        graphs = Assembly([Draft(unit, surroundings.of(unit)) for unit in units]).graphs()
        for unit, graph in zip(units, graphs, strict=True):
            if graph.num_nodes <= limit:
                found.append(UnitGraph(unit, graph, unit.sites))
            else:
                for part, rows in windows(unit, graph, limit):
                    found.append(UnitGraph(unit, part, tuple(unit.sites[row] for row in rows)))
    return found


def _batches(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """The units in groups of about TOGETHER nodes; a larger one is a group of its own."""
    batch: list[Unit] = []
    size = 0
    for unit in units:
        if batch and size + len(unit.label) > TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(unit)
        size += len(unit.label)
    yield batch
