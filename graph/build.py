"""From the skeleton of a unit to the arrays of its graph, with sites, options and deltas."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..rewrites.base import Member, Relabel, Rename, Site, Swap
from ..rewrites.project import ALONE, Around
from ..rewrites.source import Source
from ..rewrites.unit import Unit
from .context import MAX_MEMBERS, Context, Surroundings
from .deltas import Deltas
from .flow import Flow
from .influence import computed, guards, neighbours
from .labels import LABEL_ID, ROLE_ID, RULE_ID
from .schema import NULL, SUBTOKENS, CodeGraph, Int, Relation
from .subtokens import subtokens
from .window import windows

EXTRACTOR_VERSION = "3"
"""Changes whenever the same text may give other arrays."""

NODE_LIMIT = 1024
"""Nodes of one graph; larger units arrive as several windows."""

_GIVES_BACK = {"Return", "Yield"}


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
    for unit in source.units:
        graph = Builder(unit, surroundings.of(unit)).graph()
        if graph.num_nodes <= limit:
            found.append(UnitGraph(unit, graph, unit.sites))
        else:
            for part, rows in windows(unit, graph, limit):
                found.append(UnitGraph(unit, part, tuple(unit.sites[row] for row in rows)))
    return found


class Builder:
    """Collects the nodes and edges of one unit.  Edges are slots: a delta rewires them, it never adds or removes one."""

    def __init__(self, unit: Unit, context: Context | None = None) -> None:
        self.unit, self.context = unit, context or Context()
        self.label = [LABEL_ID[label] for label in unit.label]
        self.role = [ROLE_ID[role] for role in unit.role]
        self.rows: dict[str, int] = {"": 0}
        rows = self.rows
        self.text = [rows.setdefault(text, len(rows)) for text in unit.text]
        self.ends: list[list[tuple[int, int]]] = [[] for _ in Relation]
        self.chains: dict[int, list[int]] = {}
        """symbol node -> its name tokens in source order"""

    def graph(self) -> CodeGraph:
        unit = self.unit
        size = len(unit.label)
        self.leaves = [node for node in range(size) if not unit.children[node]]
        self.flow = Flow(unit)
        self.structure()
        self.contextual_nodes()
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
        unit, ends, label = self.unit, self.ends, self.unit.label
        ends[Relation.CHILD].extend(zip(unit.parent[1:], range(1, len(label)), strict=True))
        left, right, following, tests = neighbours(unit)
        ends[Relation.LEFT_OPERAND], ends[Relation.RIGHT_OPERAND], ends[Relation.NEXT_STATEMENT] = left, right, following
        ends[Relation.RETURNS].extend((node, 0) for node, kind in enumerate(label) if kind in _GIVES_BACK)
        ends[Relation.GUARD], ends[Relation.GUARD_ELSE] = guards(unit, tests, dict(following), self.flow.closed)
        ends[Relation.COMPUTED_FROM] = computed(unit)
        leaves = self.leaves
        ends[Relation.NEXT_TOKEN] = list(itertools.pairwise(leaves))
        self.leaf_at = {leaf: at for at, leaf in enumerate(leaves)}

    def contextual_nodes(self) -> None:
        """What stands outside the unit's text: names its nested functions take, and what callers see of its callees."""
        unit, ends, context = self.unit, self.ends, self.context
        self.captured: list[tuple[int, int]] = []
        for stub, symbols in sorted(unit.captures.items()):
            for symbol in sorted(symbols)[:MAX_CAPTURES]:
                node = self.node("Capture", unit.symbols[symbol].name, "capture")
                ends[Relation.CHILD].append((stub, node))
                self.captured.append((node, symbol))
        callees: list[list[int]] = []
        for callee in context.callees:
            family = [self.node("Callee", callee.returns, "callee")]
            family += [self.node("Formal", parameter, "formal") for parameter in callee.parameters]
            ends[Relation.CHILD].extend((family[0], formal) for formal in family[1:])
            callees.append(family)
        ends[Relation.CALLEE].extend((call, callees[callee][0]) for call, callee in context.calls.items())
        self.formal_node = {argument: callees[callee][at + 1] for argument, (callee, at) in context.filled.items()}
        """argument -> the parameter it fills"""
        ends[Relation.FORMAL].extend(self.formal_node.items())

    def surrounding_nodes(self) -> None:
        """The class around a method, whose attributes it uses, and what its constants are bound to."""
        context = self.context
        owner = next((node for node in self.unit.children[0] if self.unit.label[node] == "Owner"), NULL)
        unused = 0
        for name in context.members:
            node = self.member_node.get(name, NULL)
            if node == NULL and unused < MAX_MEMBERS:
                node, unused = self.node("Member", name, "member"), unused + 1
            if node != NULL:
                self.ends[Relation.MEMBER].append((owner, node))
        for symbol, text in context.constants.items():
            self.ends[Relation.COMPUTED_FROM].append((self.symbol_node[symbol], self.node("Value", text, "value")))

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
        self.member_node = {name: self.node("Symbol:attribute", name, "symbol") for name in sorted(attributes)}
        """attribute of the receiver that is used, or may be -> its symbol node"""
        for name, tokens in attributes.items():
            occurrence.update((token, self.member_node[name]) for token in tokens)
        self.surrounding_nodes()
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
        """Every name token has room for as many writes as reach it of any symbol that may stand there."""
        unit, last = self.unit, self.flow.writes
        wanted = {site.node: site.options for site in unit.sites if isinstance(site.options[0].change, Rename)}
        self.reaching: dict[int, dict[int, tuple[int, ...]]] = {}
        self.write_slot: dict[int, tuple[int, int]] = {}
        ends = self.ends[Relation.LAST_WRITE]
        for token in self.flow.tokens:
            symbol = unit.symbol_of[token]
            writes = last(token, symbol)
            width = len(writes)
            if token in wanted:
                seen = {option.change.symbol: last(token, option.change.symbol) for option in wanted[token]}  # type: ignore[union-attr]
                width = max(map(len, seen.values()))
                self.reaching[token], self.write_slot[token] = seen, (len(ends), width)
            ends.extend([(token, write) for write in writes])
            if len(writes) < width:
                ends.extend([(NULL, NULL)] * (width - len(writes)))

    # ---- arrays ------------------------------------------------------------------------------------------------------

    def assemble(self) -> CodeGraph:
        unit, row = self.unit, self.row
        site_node: list[int] = []
        options: list[int] = []
        cells: list[int] = []
        option_ptr, cell_ptr = [0], [0]
        deltas = Deltas(self)
        for site in unit.sites:
            node, change = site.node, site.options[0].change
            site_node += (node, change.first, change.second) if isinstance(change, Swap) else (node, NULL, NULL)
            if isinstance(change, Rename | Member):
                label = self.label[node]
                for text, symbol_node, moved in deltas.renames(site):
                    options += (label, text, symbol_node)
                    cells += moved
                    cell_ptr.append(len(cells) // 4)
            else:
                for option in site.options:
                    change = option.change
                    if isinstance(change, Relabel):
                        label, text = LABEL_ID[change.label], row(change.text)
                        options += (label, text, NULL)
                        if option.edit is not None:
                            cells += deltas.relabel(node, label, text)
                    elif isinstance(change, Swap):
                        options += (LABEL_ID["Swap"], 0, NULL)
                        if option.edit is not None:
                            cells += deltas.swap(change.first, change.second)
                    cell_ptr.append(len(cells) // 4)
            option_ptr.append(len(options) // 3)
        ends = _integers(itertools.chain.from_iterable(itertools.chain.from_iterable(self.ends))).reshape(-1, 2)
        columns = _integers(options).reshape(-1, 3)
        return CodeGraph(
            label=_integers(self.label),
            role=_integers(self.role),
            text=_integers(self.text),
            texts=_integers(itertools.chain.from_iterable(map(subtokens, self.rows))).reshape(-1, SUBTOKENS),
            relation=np.repeat(_RELATIONS, [len(family) for family in self.ends]),
            source=np.ascontiguousarray(ends[:, 0]),
            target=np.ascontiguousarray(ends[:, 1]),
            site_rule=_integers(RULE_ID[site.rule.code] for site in unit.sites),
            site_node=_integers(site_node).reshape(-1, 3),
            chosen=_integers(site.chosen for site in unit.sites),
            option_ptr=_integers(option_ptr),
            option_label=np.ascontiguousarray(columns[:, 0]),
            option_text=np.ascontiguousarray(columns[:, 1]),
            option_node=np.ascontiguousarray(columns[:, 2]),
            cell_ptr=_integers(cell_ptr),
            cells=_integers(cells).reshape(-1, 4),
        )


_RELATIONS = np.arange(len(Relation), dtype=np.int32)


def _integers(values: Iterable[int]) -> Int:
    """numpy takes three times as long to read a list."""
    return np.frombuffer(array("i", values), np.int32)


MAX_CAPTURES = 8
"""Names shown below the stub of a nested function."""
