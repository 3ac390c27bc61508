"""Units of a file are made into graphs together; each is the same as alone."""

from __future__ import annotations

import numpy as np

from buglab.graph.assembly import Assembly
from buglab.graph.context import Surroundings
from buglab.graph.draft import Draft
from buglab.graph.schema import ARRAYS
from buglab.rewrites.source import Source

TEXT = """\
LIMIT = 3

class Box:
    def __init__(self, width, height):
        self.width, self.height = width, height

    def area(self, scale):
        for _ in range(scale):
            if self.width > self.height and not scale:
                scale = self.width - scale
        return self.area(self.height, scale) if scale else self.width

class Empty: pass

def outer(first, second):
    def inner():
        return first + second
    return inner() or swap(second, first + LIMIT)

def swap(a, b): return b, a
"""


def test_units_made_together_are_as_each_alone() -> None:
    source = Source.parse(TEXT)
    surroundings = Surroundings(source)
    together = Assembly([Draft(unit, surroundings.of(unit)) for unit in source.units]).graphs()
    assert len(together) == len(source.units)
    for unit, graph in zip(source.units, together, strict=True):
        alone = Assembly([Draft(unit, surroundings.of(unit))]).graphs()[0]
        for name in ARRAYS:
            mine, own = getattr(graph, name), getattr(alone, name)
            assert mine.dtype == np.int32
            assert mine.flags.c_contiguous
            assert np.array_equal(mine, own), (unit.name, name)


def test_a_file_without_choices_has_graphs() -> None:
    source = Source.parse("")
    graph = Assembly([Draft(unit) for unit in source.units]).graphs()[0]
    assert (graph.num_nodes, graph.num_edges, graph.num_sites, graph.cells.shape) == (1, 0, 0, (0, 4))
