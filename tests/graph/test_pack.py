"""Packing keeps every graph whole, and mutating a batch equals packing the mutated graphs."""

from __future__ import annotations

import inspect
import random
import textwrap
from dataclasses import fields

import numpy as np
import pytest
import torch

from buglab.graph.build import extract
from buglab.graph.delta import apply
from buglab.graph.pack import Budget, Packed, fits, pack
from buglab.graph.schema import CodeGraph, Relation
from buglab.models.batch import MAX_CELLS, Batch, mutate
from buglab.rewrites.source import Source

BUDGET = Budget(nodes=6000, blocks=260, block=64, texts=2000, sites=1500, options=9000, cells=60_000, graphs=64)


@pytest.fixture(scope="module")
def graphs() -> list[CodeGraph]:
    return [u.graph for u in extract(Source.parse(inspect.getsource(textwrap)))]


def edges_of(packed: Packed) -> list[tuple[int, int, int]]:
    size = len(packed.source) // len(packed.relation)
    real = packed.source != BUDGET.nodes - 1
    relation = np.repeat(packed.relation, size)
    return sorted(zip(relation[real].tolist(), packed.source[real].tolist(), packed.target[real].tolist(), strict=True))


def test_every_edge_is_in_a_block_of_its_relation(graphs: list[CodeGraph]) -> None:
    packed, left = pack(graphs, BUDGET)
    assert not left
    expected, at = [], 0
    for graph in graphs:
        real = graph.source >= 0
        expected += zip(
            graph.relation[real].tolist(), (graph.source[real] + at).tolist(), (graph.target[real] + at).tolist(), strict=True
        )
        at += graph.num_nodes
    assert edges_of(packed) == sorted(expected)
    assert {relation for relation, _, _ in expected} >= {Relation.CHILD, Relation.LAST_WRITE, Relation.OCCURRENCE}


def test_what_does_not_fit_is_left_for_the_next_batch(graphs: list[CodeGraph]) -> None:
    small = Budget(nodes=600, blocks=60, block=32, texts=300, sites=200, options=1200, cells=6000, graphs=8)
    waiting, seen = [g for g in graphs if fits(g, small)], 0
    total = len(waiting)
    while waiting:
        packed, left = pack(waiting, small)
        assert {f.name: getattr(packed, f.name).shape for f in fields(Packed)} == {
            f.name: getattr(pack([], small)[0], f.name).shape for f in fields(Packed)
        }
        seen += int(packed.graphs[0])
        waiting = [waiting[i] for i in left]
    assert seen == total > 0


def test_mutating_a_batch_equals_packing_mutated_graphs(graphs: list[CodeGraph]) -> None:
    rng = random.Random(0)
    packed, _ = pack(graphs, BUDGET)
    batch = Batch.of(packed)
    rules = set()
    for _ in range(20):
        rows, mutated, at = [], [], 0
        for graph in graphs:
            written = set((graph.option_ptr[:-1] + graph.chosen).tolist())
            sizes = np.diff(graph.cell_ptr)
            free = [o for o in range(graph.num_options) if o not in written and sizes[o] <= MAX_CELLS]
            if free:
                row = rng.choice(free)
                rules.add(int(graph.site_rule[graph.option_ptr.searchsorted(row, side="right") - 1]))
                rows.append(at + row)
                mutated.append(apply(graph, row))
            else:
                rows.append(BUDGET.options - 1)
                mutated.append(graph)
            at += graph.num_options
        rows += [BUDGET.options - 1] * (BUDGET.graphs - len(rows))
        result = mutate(batch, torch.tensor(rows))
        expected, _ = pack(mutated, BUDGET)
        for name in ("label", "role", "chosen"):
            assert getattr(result, name).tolist() == getattr(expected, name).tolist(), name
        assert result.texts[result.text].tolist() == expected.texts[expected.text].tolist()
        got = Packed(**{f.name: getattr(result, f.name).numpy() for f in fields(Packed)})
        assert edges_of(got) == edges_of(expected)
    assert len(rules) > 4
