"""A batch of real functions."""

from __future__ import annotations

import inspect
import textwrap

import pytest

from buglab.graph.build import extract
from buglab.graph.pack import Budget, pack
from buglab.models.batch import Batch
from buglab.rewrites.source import Source

BUDGET = Budget(nodes=2000, blocks=90, block=64, texts=800, sites=500, options=4000, cells=20_000, graphs=20)


@pytest.fixture(scope="session")
def batch() -> Batch:
    found = [
        u.graph for u in extract(Source.parse(inspect.getsource(textwrap))) if u.graph.num_sites and u.graph.num_nodes < 400
    ]
    packed, _ = pack(found[:6], BUDGET)
    assert packed.graphs[0] >= 4
    return Batch.of(packed)
