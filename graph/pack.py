"""Many graphs in one batch of a single static shape.

Nodes, texts, sites, options and cells of all graphs are laid end to end and padded to the budget.  Edges are sorted by relation
into blocks of equal size, each block of one relation, so that a layer is one batched product.  The last node, graph, site and
option are padding that nothing real refers to; empty edge slots connect the padding node with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .schema import NULL, SUBTOKENS, CodeGraph, Field, Int, Relation


@dataclass(frozen=True, slots=True)
class Budget:
    """The one thing that decides shapes: one budget, one compiled program."""

    nodes: int = 8192
    blocks: int = 192
    block: int = 128
    """edges in a block, all of one relation"""
    texts: int = 4096
    sites: int = 2048
    options: int = 12288
    cells: int = 65536
    graphs: int = 128


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch.  All arrays are int32; indices count through the whole batch; N, T... are the budget's numbers."""

    label: Int
    """[N]"""
    role: Int
    """[N]"""
    text: Int
    """[N] row of texts"""
    texts: Int
    """[T, SUBTOKENS]"""
    relation: Int
    """[B] relation of each block"""
    source: Int
    """[B * S]"""
    target: Int
    """[B * S]"""
    root: Int
    """[G] first node of each graph"""
    site_rule: Int
    """[Sites]"""
    site_node: Int
    """[Sites, 3] padding node where a site has no second or third"""
    site_graph: Int
    """[Sites] G - 1 for padding"""
    chosen: Int
    """[Sites] row of the option that is written"""
    option_site: Int
    """[Options] last site for padding"""
    option_label: Int
    """[Options]"""
    option_text: Int
    """[Options]"""
    option_node: Int
    """[Options] padding node where an option refers to no symbol"""
    option_cells: Int
    """[Options, 2] first cell and number of cells"""
    cells: Int
    """[Cells, 4]"""
    bug: Int
    """[G] the option that plants a graph's real bug; padding option where none is known"""
    graphs: Int
    """[1] number of real graphs"""


def pack(graphs: Sequence[CodeGraph], budget: Budget) -> tuple[Packed, list[int]]:
    """Pack as many of ``graphs`` as fit, in order; also return the indices of those left for the next batch."""
    chosen, left = _choose(graphs, budget)
    return _assemble([graphs[i] for i in chosen], budget), left


def fits(graph: CodeGraph, budget: Budget) -> bool:
    """Whether the graph fits into an empty batch."""
    return not _choose([graph], budget)[1]


def _choose(graphs: Sequence[CodeGraph], budget: Budget) -> tuple[list[int], list[int]]:
    """First fit: a graph that is too large for what is left does not keep smaller ones behind it out."""
    room = np.array([budget.nodes, budget.texts, budget.sites, budget.options, budget.cells + 1, budget.graphs]) - 1
    edges = np.zeros(len(Relation), np.int64)
    chosen: list[int] = []
    left: list[int] = []
    for index, graph in enumerate(graphs):
        size = np.array([graph.num_nodes, len(graph.texts), graph.num_sites, graph.num_options, len(graph.cells), 1])
        more = edges + np.bincount(graph.relation, minlength=len(Relation))
        if (size <= room).all() and (-(-more // budget.block)).sum() <= budget.blocks:
            room -= size
            edges = more
            chosen.append(index)
        else:
            left.append(index)
    return chosen, left


def _padded(parts: list[Int], length: int, fill: int, width: int = 0) -> Int:
    out = np.full((length, width) if width else length, fill, np.int32)
    if parts:
        joined = np.concatenate(parts)
        out[: len(joined)] = joined
    return out


def _assemble(graphs: list[CodeGraph], budget: Budget) -> Packed:
    pad = budget.nodes - 1
    counts = np.array(
        [(g.num_nodes, len(g.texts), g.num_sites, g.num_options, len(g.cells), g.num_edges) for g in graphs], np.int64
    ).reshape(-1, 6)
    starts = np.zeros((len(graphs) + 1, 6), np.int64)
    starts[1:] = counts.cumsum(axis=0)
    node_at, text_at, site_at, option_at, cell_at, edge_at = (starts[:-1, i] for i in range(6))

    def shifted(arrays: list[Int], offsets: np.ndarray, null: int = NULL) -> list[Int]:
        return [np.where(a == NULL, null, a + int(o)).astype(np.int32) for a, o in zip(arrays, offsets, strict=True)]

    relation, source, target, slot = _blocks(
        np.concatenate([g.relation for g in graphs] or [np.zeros(0, np.int32)]),
        _joined(shifted([g.source for g in graphs], node_at, pad)),
        _joined(shifted([g.target for g in graphs], node_at, pad)),
        budget,
    )
    cells = _cells(graphs, node_at, text_at, edge_at, slot, pad)
    first_option = [g.option_ptr[:-1] + g.chosen for g in graphs]
    sizes = [np.diff(g.option_ptr) for g in graphs]
    return Packed(
        label=_padded([g.label for g in graphs], budget.nodes, 0),
        role=_padded([g.role for g in graphs], budget.nodes, 0),
        text=_padded(shifted([g.text for g in graphs], text_at), budget.nodes, budget.texts - 1),
        texts=_padded([g.texts for g in graphs], budget.texts, 0, SUBTOKENS),
        relation=relation,
        source=source,
        target=target,
        root=_padded([node_at.astype(np.int32)], budget.graphs, pad),
        site_rule=_padded([g.site_rule for g in graphs], budget.sites, 0),
        site_node=_padded(shifted([g.site_node for g in graphs], node_at, pad), budget.sites, pad, 3),
        site_graph=_padded([np.full(g.num_sites, i, np.int32) for i, g in enumerate(graphs)], budget.sites, budget.graphs - 1),
        chosen=_padded(shifted(first_option, option_at), budget.sites, budget.options - 1),
        option_site=_padded(
            [np.repeat(np.arange(s.size, dtype=np.int32), s) + int(o) for s, o in zip(sizes, site_at, strict=True)],
            budget.options,
            budget.sites - 1,
        ),
        option_label=_padded([g.option_label for g in graphs], budget.options, 0),
        option_text=_padded(shifted([g.option_text for g in graphs], text_at), budget.options, budget.texts - 1),
        option_node=_padded(shifted([g.option_node for g in graphs], node_at, pad), budget.options, pad),
        option_cells=_padded(
            [
                np.stack([g.cell_ptr[:-1] + int(o), np.diff(g.cell_ptr)], axis=1).astype(np.int32)
                for g, o in zip(graphs, cell_at, strict=True)
            ],
            budget.options,
            0,
            2,
        ),
        cells=_padded([cells], budget.cells, 0, 4),
        bug=_padded(
            shifted([np.array([g.bug], np.int32) for g in graphs], option_at, budget.options - 1),
            budget.graphs,
            budget.options - 1,
        ),
        graphs=np.array([len(graphs)], np.int32),
    )


def _joined(parts: list[Int]) -> Int:
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _blocks(relation: Int, source: Int, target: Int, budget: Budget) -> tuple[Int, Int, Int, Int]:
    """Sort edges by relation into blocks; also say in which slot each edge went."""
    order = np.argsort(relation.astype(np.uint8), kind="stable")
    number = np.bincount(relation, minlength=len(Relation))
    blocks = -(-number // budget.block)
    begin = np.concatenate([[0], blocks.cumsum()[:-1]]) * budget.block
    rank = np.arange(len(relation)) - np.repeat(np.concatenate([[0], number.cumsum()[:-1]]), number)
    slot = np.empty(len(relation), np.int32)
    slot[order] = begin[relation[order]] + rank
    of_block = np.zeros(budget.blocks, np.int32)
    of_block[: blocks.sum()] = np.repeat(np.arange(len(Relation)), blocks)
    ends = np.full((2, budget.blocks * budget.block), budget.nodes - 1, np.int32)
    ends[0, slot], ends[1, slot] = source, target
    return of_block, ends[0], ends[1], slot


def _cells(graphs: list[CodeGraph], node_at: np.ndarray, text_at: np.ndarray, edge_at: np.ndarray, slot: Int, pad: int) -> Int:
    parts = []
    for i, graph in enumerate(graphs):
        cells = graph.cells.copy()
        edge, text = cells[:, 0] == Field.EDGE, cells[:, 0] == Field.TEXT
        ends = cells[edge, 2:]
        cells[edge, 2:] = np.where(ends == NULL, pad, ends + int(node_at[i]))
        cells[edge, 1] = slot[cells[edge, 1] + int(edge_at[i])]
        cells[~edge, 1] += int(node_at[i])
        cells[text, 2] += int(text_at[i])
        parts.append(cells)
    return np.concatenate(parts) if parts else np.zeros((0, 4), np.int32)
