"""When two graphs are the same but for the order in which a swap leaves their nodes."""

from __future__ import annotations

import numpy as np

from buglab.graph.schema import CodeGraph


def canonical(graph: CodeGraph, order: np.ndarray | None = None) -> dict[str, object]:
    """Everything a network sees of a graph, with node i renamed to ``order[i]`` and text rows replaced by their subtokens."""
    order = np.arange(graph.num_nodes) if order is None else order
    back = np.argsort(order)
    rename = np.append(order, -1)
    texts = [tuple(row) for row in graph.texts.tolist()]
    edges = sorted(
        edge
        for edge in zip(graph.relation.tolist(), rename[graph.source].tolist(), rename[graph.target].tolist(), strict=True)
        if edge[1] >= 0
    )
    sites = []
    for site in range(graph.num_sites):
        nodes = rename[graph.site_node[site]].tolist()
        rows = range(int(graph.option_ptr[site]), int(graph.option_ptr[site + 1]))
        options = [
            (
                int(graph.option_label[o]),
                texts[graph.option_text[o]],
                int(rename[graph.option_node[o]]),
            )
            for o in rows
        ]
        is_swap = nodes[2] >= 0  # the orders of all pairs of a call are one joint choice: a swap moves several of them
        chosen = -1 if is_swap else int(graph.chosen[site])
        sites.append((int(graph.site_rule[site]), tuple(sorted(nodes)), tuple(options), chosen))
    return {
        "label": graph.label[back].tolist(),
        "role": graph.role[back].tolist(),
        "text": [texts[row] for row in graph.text[back]],
        "edges": edges,
        "sites": sorted(sites),
    }
