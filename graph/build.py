"""From the skeleton of a unit to the arrays of its graph, with sites, options and deltas."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..rewrites.base import Member, Relabel, Rename, Site, Swap
from ..rewrites.source import Source
from ..rewrites.unit import Unit
from .deltas import Cell, Deltas
from .flow import reaching_writes
from .labels import LABEL_ID, ROLE_ID, RULE_ID
from .schema import NULL, SUBTOKENS, CodeGraph, Field, Int, Relation
from .subtokens import subtokens
from .window import windows

EXTRACTOR_VERSION = "3"
"""Changes whenever the same text may give other arrays."""

NODE_LIMIT = 1024
"""Nodes of one graph; larger units arrive as several windows."""


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """A unit, or a window of it, as a graph; ``sites[i]`` is what row i of the graph's site arrays stands for."""

    unit: Unit
    graph: CodeGraph
    sites: tuple[Site, ...]


def extract(source: Source, limit: int = NODE_LIMIT) -> list[UnitGraph]:
    """All units of a file as graphs of at most ``limit`` nodes (a single symbol-rich window may exceed it slightly)."""
    found: list[UnitGraph] = []
    for unit in source.units:
        graph = Builder(unit).graph()
        if graph.num_nodes <= limit:
            found.append(UnitGraph(unit, graph, unit.sites))
        else:
            for part, rows in windows(unit, graph, limit):
                found.append(UnitGraph(unit, part, tuple(unit.sites[row] for row in rows)))
    return found


class Builder:
    """Collects the nodes and edges of one unit.  Edges are slots: a delta rewires them, it never adds or removes one."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.label = [LABEL_ID[label] for label in unit.label]
        self.role = [ROLE_ID[role] for role in unit.role]
        self.rows: dict[str, int] = {"": 0}
        self.text = [self.row(text) for text in unit.text]
        self.ends: list[list[tuple[int, int]]] = [[] for _ in Relation]
        self.chains: dict[int, list[int]] = {}
        """symbol node -> its name tokens in source order"""

    def graph(self) -> CodeGraph:
        unit = self.unit
        size = len(unit.label)
        self.leaves = [node for node in range(size) if not unit.children[node]]
        self.structure()
        self.contextual_nodes()
        self.formal_node = dict(self.ends[Relation.FORMAL])
        self.names()
        self.offset = [0, *np.cumsum([len(ends) for ends in self.ends]).tolist()]
        return self.assemble()

    # ---- nodes and edges ---------------------------------------------------------------------------------------------

    def row(self, text: str) -> int:
        return self.rows.setdefault(text, len(self.rows))

    def node(self, label: str, text: str, role: str) -> int:
        self.label.append(LABEL_ID[label])
        self.text.append(self.row(text))
        self.role.append(ROLE_ID[role])
        return len(self.label) - 1

    def structure(self) -> None:
        """Edges that the skeleton alone decides."""
        unit, ends = self.unit, self.ends
        child, operand_left, operand_right = ends[Relation.CHILD], ends[Relation.LEFT_OPERAND], ends[Relation.RIGHT_OPERAND]
        for parent, family in enumerate(unit.children):
            previous = NULL
            kind = unit.label[parent]
            for at, node in enumerate(family):
                child.append((parent, node))
                role, label = unit.role[node], unit.label[node]
                if role == "statement":
                    if previous != NULL:
                        ends[Relation.NEXT_STATEMENT].append((previous, node))
                    previous = node
                elif role == "operator" and 0 < at < len(family) - 1:
                    operand_left.append((node, family[at - 1]))
                    behind = at + 2 if unit.label[family[at + 1]].startswith("slot:") else at + 1
                    operand_right.append((node, family[behind]))
                elif role in ("negation", "sign"):
                    operand_right.append((node, family[at + 1]))
                elif role == "offset":
                    operand_left.append((node, family[at - 1]))
                elif role == "test" and kind in ("If", "While", "Conditional", "Case"):
                    for other in family[at + 1 :] if kind != "Conditional" else family:
                        if unit.role[other] in ("body", "orelse"):
                            relation = Relation.GUARD if unit.role[other] == "body" else Relation.GUARD_ELSE
                            ends[relation].append((node, other))
                if label in ("Return", "Yield"):
                    ends[Relation.RETURNS].append((node, 0))
            if kind in ("Assignment", "AnnotatedAssignment", "Walrus", "For", "WithItem", "Generator"):
                self.computed(family)
        leaves = self.leaves
        ends[Relation.NEXT_TOKEN] = list(itertools.pairwise(leaves))
        self.leaf_at = {leaf: at for at, leaf in enumerate(leaves)}

    def computed(self, family: list[int]) -> None:
        unit = self.unit
        value = next((n for n in reversed(family) if unit.role[n] in ("value", "iter")), NULL)
        if value != NULL:
            for target in family:
                if unit.role[target] == "target":
                    last = unit.last(target)
                    for node in range(target, last + 1):
                        if unit.label[node] in ("StoredName", "StoredAttribute", "Subscript"):
                            self.ends[Relation.COMPUTED_FROM].append((node, value))

    def contextual_nodes(self) -> None:
        """What stands outside the unit's text: names its nested functions take, and parameter names of its callees."""
        unit = self.unit
        self.captured: list[tuple[int, int]] = []
        for stub, symbols in sorted(unit.captures.items()):
            for symbol in sorted(symbols)[:MAX_CAPTURES]:
                node = self.node("Capture", unit.symbols[symbol].name, "capture")
                self.ends[Relation.CHILD].append((stub, node))
                self.captured.append((node, symbol))
        for argument, name in sorted(unit.formals.items()):
            self.ends[Relation.FORMAL].append((argument, self.node("Formal", name, "formal")))

    def names(self) -> None:
        """Symbol nodes, and the edges of name tokens: occurrence, last use, last write."""
        unit = self.unit
        self.symbol_node = [self.node(f"Symbol:{s.kind}", s.name, "symbol") for s in unit.symbols]
        occurrence = {token: self.symbol_node[symbol] for token, symbol in unit.symbol_of.items()}
        attributes: dict[str, list[int]] = {}
        for token, symbol in unit.symbol_of.items():
            if unit.symbols[symbol].kind == "receiver" and unit.label[unit.parent[token]] == "Attribute":
                _, attribute = unit.siblings(token)
                attributes.setdefault(unit.text[attribute], []).append(attribute)
        for site in unit.sites:
            if isinstance(site.options[0].change, Member):
                for option in site.options:
                    attributes.setdefault(option.content, [])
        self.member_node: dict[str, int] = {}
        for name, tokens in sorted(attributes.items()):
            symbol_node = self.member_node[name] = self.node("Symbol:attribute", name, "symbol")
            occurrence.update((token, symbol_node) for token in tokens)
        self.token_slot = {}
        for token in sorted(occurrence):
            symbol_node = occurrence[token]
            chain = self.chains.setdefault(symbol_node, [])
            self.token_slot[token] = len(self.ends[Relation.LAST_USE])
            self.ends[Relation.LAST_USE].append((token, chain[-1] if chain else symbol_node))
            self.ends[Relation.OCCURRENCE].append((token, symbol_node))
            chain.append(token)
        self.occurrence = occurrence
        self.ends[Relation.OCCURRENCE].extend((node, self.symbol_node[symbol]) for node, symbol in self.captured)
        self.last_writes()

    def last_writes(self) -> None:
        unit = self.unit
        wanted = {token: [symbol] for token, symbol in unit.symbol_of.items()}
        for site in unit.sites:
            if isinstance(site.options[0].change, Rename):
                wanted[site.node] = [option.change.symbol for option in site.options]  # type: ignore[union-attr]
        self.reaching = reaching_writes(unit, wanted)
        self.write_slot: dict[int, tuple[int, int]] = {}
        ends = self.ends[Relation.LAST_WRITE]
        for token in sorted(self.reaching):
            seen = self.reaching[token]
            writes = seen[unit.symbol_of[token]]
            width = max(len(w) for w in seen.values())
            self.write_slot[token] = (len(ends), width)
            ends.extend((token, writes[i]) if i < len(writes) else (NULL, NULL) for i in range(width))

    # ---- arrays ------------------------------------------------------------------------------------------------------

    def assemble(self) -> CodeGraph:
        unit = self.unit
        site_node: list[tuple[int, int, int]] = []
        option_ptr, cell_ptr = [0], [0]
        options: list[tuple[int, int, int]] = []
        cells: list[Cell] = []
        deltas = Deltas(self)
        for site in unit.sites:
            change = site.options[0].change
            site_node.append((site.node, change.first, change.second) if isinstance(change, Swap) else (site.node, NULL, NULL))
            if isinstance(change, Rename | Member):
                label = self.label[site.node]
                for row, symbol_node, moved in deltas.renames(site):
                    options.append((label, row, symbol_node))
                    cells += moved
                    cell_ptr.append(len(cells))
                option_ptr.append(len(options))
                continue
            for option in site.options:
                change = option.change
                if isinstance(change, Relabel):
                    label, row = LABEL_ID[change.label], self.row(change.text)
                    options.append((label, row, NULL))
                    if option.edit is not None:
                        if label != self.label[site.node]:
                            cells.append((Field.LABEL, site.node, label, 0))
                        if row != self.text[site.node]:
                            cells.append((Field.TEXT, site.node, row, 0))
                elif isinstance(change, Swap):
                    options.append((LABEL_ID["Swap"], 0, NULL))
                    if option.edit is not None:
                        cells += deltas.swap(change.first, change.second)
                cell_ptr.append(len(cells))
            option_ptr.append(len(options))
        ends = _rows(itertools.chain.from_iterable(self.ends), 2)
        columns = _rows(options, 3)
        return CodeGraph(
            label=np.array(self.label, np.int32),
            role=np.array(self.role, np.int32),
            text=np.array(self.text, np.int32),
            texts=np.array([subtokens(text) for text in self.rows], np.int32).reshape(-1, SUBTOKENS),
            relation=np.repeat(np.arange(len(Relation), dtype=np.int32), [len(family) for family in self.ends]),
            source=np.ascontiguousarray(ends[:, 0]),
            target=np.ascontiguousarray(ends[:, 1]),
            site_rule=np.array([RULE_ID[site.rule.code] for site in unit.sites], np.int32),
            site_node=_rows(site_node, 3),
            chosen=np.array([site.chosen for site in unit.sites], np.int32),
            option_ptr=np.array(option_ptr, np.int32),
            option_label=np.ascontiguousarray(columns[:, 0]),
            option_text=np.ascontiguousarray(columns[:, 1]),
            option_node=np.ascontiguousarray(columns[:, 2]),
            cell_ptr=np.array(cell_ptr, np.int32),
            cells=_rows(cells, 4),
        )


def _rows(rows: Iterable[tuple[int, ...]], width: int) -> Int:
    """[rows, width]; several times faster than ``np.array`` of a list of tuples."""
    return np.fromiter(itertools.chain.from_iterable(rows), np.int32).reshape(-1, width)


MAX_CAPTURES = 8
"""Names shown below the stub of a nested function."""
