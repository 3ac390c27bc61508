"""Cutting a large graph into windows that each keep the unit's head, the way down to them, and the symbols they use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rewrites.unit import Unit
from .schema import NULL, CodeGraph, Field, Int

_HEAD_SHARE = 4
"""At most one part in this many of a window is the unit's head (name, parameters)."""


def windows(unit: Unit, graph: CodeGraph, limit: int) -> Iterator[tuple[CodeGraph, list[int]]]:
    """Yield windows of about ``limit`` nodes with the rows of the sites they hold; every skeleton node is in one or more."""
    size = len(unit.label)
    body = next((n for n in unit.children[0] if unit.role[n] in ("body", "statement")), size)
    head = np.arange(min(body, limit // _HEAD_SHARE))
    for begin, end in _pieces(unit, min(body, size - 1), size, limit // 2):
        keep = np.zeros(graph.num_nodes, bool)
        keep[head] = True
        keep[begin:end] = True
        node = begin
        while (node := unit.parent[node]) >= 0:
            keep[node] = True
        inside = keep.copy()
        touching = (graph.source >= 0) & (graph.target >= size) & inside[np.maximum(graph.source, 0)]
        near = graph.target[touching]  # symbols, callees, captured names
        keep[near] = True
        beyond = (graph.source >= size) & (graph.target >= size) & np.isin(graph.source, near)
        keep[graph.target[beyond]] = True  # parameters, values
        yield _cut(unit, graph, keep, begin, end)


def _pieces(unit: Unit, begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut the nodes ``begin`` to ``end`` into ranges of at most ``size``, before a statement where there is one."""
    statements = [n for n in range(begin, end) if unit.role[n] in ("statement", "body", "orelse")]
    while begin < end:
        stop = min(begin + size, end)
        if stop < end:
            fitting = [n for n in statements if begin + size // 2 < n <= stop]
            stop = fitting[-1] if fitting else stop
        yield begin, stop
        begin = stop


def _cut(unit: Unit, graph: CodeGraph, keep: np.ndarray, begin: int, end: int) -> tuple[CodeGraph, list[int]]:
    rows = [
        row
        for row in range(graph.num_sites)
        if begin <= graph.site_node[row, 0] < end
        and (graph.site_node[row, 2] == NULL or unit.last(int(graph.site_node[row, 2])) < end)
    ]
    option_rows = np.concatenate([np.arange(graph.option_ptr[r], graph.option_ptr[r + 1]) for r in rows] or [np.arange(0)])
    cell_rows = np.concatenate([np.arange(graph.cell_ptr[o], graph.cell_ptr[o + 1]) for o in option_rows] or [np.arange(0)])
    option_rows, cell_rows = option_rows.astype(np.int64), cell_rows.astype(np.int64)
    targets = graph.option_node[option_rows]
    keep[targets[targets != NULL]] = True

    renumber = np.full(graph.num_nodes + 1, NULL, np.int32)  # the last entry maps NULL to NULL
    renumber[:-1][keep] = np.arange(int(keep.sum()))
    source, target = renumber[graph.source], renumber[graph.target]
    source, target = np.where(target == NULL, NULL, source), np.where(source == NULL, NULL, target)
    cells = graph.cells[cell_rows].copy()
    edges = cells[:, 0] == Field.EDGE
    used = (source != NULL) & (target != NULL)
    used[cells[edges, 1]] = True  # a slot that a delta may fill stays, even where it is empty here
    reslot = np.full(graph.num_edges, NULL, np.int32)
    reslot[used] = np.arange(int(used.sum()))
    ends = renumber[cells[edges, 2:]]
    ends[(ends == NULL).any(axis=1)] = NULL
    cells[edges, 2:] = ends
    cells[edges, 1] = reslot[cells[edges, 1]]
    cells[~edges, 1] = renumber[cells[~edges, 1]]

    counts = np.diff(graph.option_ptr)[rows]
    part = CodeGraph(
        label=graph.label[keep],
        role=graph.role[keep],
        text=graph.text[keep],
        texts=graph.texts,
        relation=graph.relation[used],
        source=source[used].astype(np.int32),
        target=target[used].astype(np.int32),
        site_rule=graph.site_rule[rows],
        site_node=renumber[graph.site_node[rows]].reshape(-1, 3),
        chosen=graph.chosen[rows],
        option_ptr=_offsets(counts),
        option_label=graph.option_label[option_rows],
        option_text=graph.option_text[option_rows],
        option_node=renumber[graph.option_node[option_rows]],
        cell_ptr=_offsets(np.diff(graph.cell_ptr)[option_rows]),
        cells=cells.astype(np.int32),
    )
    return _compact_texts(part), rows


def _offsets(counts: np.ndarray) -> Int:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _compact_texts(graph: CodeGraph) -> CodeGraph:
    """Keep only the rows of ``texts`` that this window uses; row 0 stays the empty text."""
    is_text = graph.cells[:, 0] == Field.TEXT
    rows, back = np.unique(np.concatenate([[0], graph.text, graph.option_text, graph.cells[is_text, 2]]), return_inverse=True)
    back = back.astype(np.int32)
    nodes, options = graph.num_nodes, graph.num_options
    cells = graph.cells.copy()
    cells[is_text, 2] = back[1 + nodes + options :]
    arrays = {name: getattr(graph, name) for name in graph.__slots__}
    arrays.update(
        texts=graph.texts[rows], text=back[1 : 1 + nodes], option_text=back[1 + nodes : 1 + nodes + options], cells=cells
    )
    return CodeGraph(**arrays)
