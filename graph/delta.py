"""Applying a delta: the graph of the code as it would be with one choice moved."""

from __future__ import annotations

from dataclasses import replace

from .schema import CodeGraph, Field


def apply(graph: CodeGraph, option: int) -> CodeGraph:
    """The graph with ``option`` (row of the option arrays) selected at its site.

    Raises ValueError if it is selected already.
    """
    site = int(graph.option_ptr.searchsorted(option, side="right")) - 1
    choice = option - int(graph.option_ptr[site])
    if choice == graph.chosen[site]:
        raise ValueError(f"option {option} is the one that is written")
    columns = {name: getattr(graph, name).copy() for name in ("label", "role", "text", "source", "target", "chosen")}
    for field, index, first, second in graph.cells[graph.cell_ptr[option] : graph.cell_ptr[option + 1]].tolist():
        if field == Field.EDGE:
            columns["source"][index], columns["target"][index] = first, second
        else:
            columns[("label", "text", "role")[field]][index] = first
    columns["chosen"][site] = choice
    return replace(graph, **columns)
