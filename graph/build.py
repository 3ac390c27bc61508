"""From the skeleton of a unit to the arrays of its graph, with sites, options and deltas."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..rewrites.base import Member, Rename, Site, Swap
from ..rewrites.project import ALONE, Around
from ..rewrites.source import Source
from ..rewrites.unit import Unit
from .context import MAX_MEMBERS, Context, Surroundings
from .deltas import Deltas
from .flow import Flow
from .influence import computed, guards, neighbours
from .labels import LABEL_ID, ROLE_ID, RULE_ID
from .schema import NULL, SUBTOKENS, CodeGraph, Int, Relation
from .subtokens import packed
from .window import windows

EXTRACTOR_VERSION = "4"
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
        symbol_node = self.symbol_node = range(len(self.label), len(self.label) + len(unit.symbols))
        self.label += [_SYMBOL[symbol.kind] for symbol in unit.symbols]
        self.text += [self.row(symbol.name) for symbol in unit.symbols]
        self.role += [ROLE_ID["symbol"]] * len(unit.symbols)
        occurrence = {token: symbol_node[symbol] for token, symbol in unit.symbol_of.items()}
        attributes = self.receiver_attributes()
        self.member_node = {name: self.node("Symbol:attribute", name, "symbol") for name in sorted(attributes)}
        """attribute of the receiver that is used, or may be -> its symbol node"""
        for name, tokens in attributes.items():
            occurrence.update(dict.fromkeys(tokens, self.member_node[name]))
        self.surrounding_nodes()
        chains, order = self.chains, sorted(occurrence)
        self.token_slot = {token: slot for slot, token in enumerate(order)}
        """name token -> its slot among last uses, and among occurrences"""
        last_use = self.ends[Relation.LAST_USE]
        for token in order:
            node = occurrence[token]
            chain = chains.get(node)
            if chain is None:
                last_use.append((token, node))
                chains[node] = [token]
            else:
                last_use.append((token, chain[-1]))
                chain.append(token)
        self.occurrence = occurrence
        self.ends[Relation.OCCURRENCE] = [(token, occurrence[token]) for token in order]
        self.ends[Relation.OCCURRENCE].extend((node, symbol_node[symbol]) for node, symbol in self.captured)
        self.last_writes()

    def receiver_attributes(self) -> dict[str, list[int]]:
        """Attribute of the receiver that is used, or may be -> where it is."""
        unit = self.unit
        receivers = {index for index, symbol in enumerate(unit.symbols) if symbol.kind == "receiver"}
        found: dict[str, list[int]] = {}
        if receivers:
            for token, symbol in unit.symbol_of.items():
                if symbol in receivers and unit.label[unit.parent[token]] == "Attribute":
                    attribute = unit.children[unit.parent[token]][1]
                    found.setdefault(unit.text[attribute], []).append(attribute)
        for site in unit.sites:
            if type(site.changes[0]) is Member:
                for change in site.changes:
                    found.setdefault(change.name, [])  # type: ignore[union-attr]
        return found

    def last_writes(self) -> None:
        """Every name token has room for as many writes as reach it of any symbol that may stand there."""
        symbol_of, flow = self.unit.symbol_of, self.flow
        ends_of, mask = flow.ends, flow.mask
        wanted = {site.node: site.changes for site in self.unit.sites if type(site.changes[0]) is Rename}
        known: dict[tuple[int, int], dict[int, tuple[int, ...]]] = {}
        self.reaching: dict[int, dict[int, tuple[int, ...]]] = {}
        """name token that may refer to other symbols -> symbol -> its writes, filled up with NULL to the same number"""
        self.write_slot: dict[int, int] = {}
        ends = self.ends[Relation.LAST_WRITE]
        for token in self.flow.tokens:
            changes = wanted.get(token)
            if changes is None:
                for write in flow.writes(token, symbol_of[token]):
                    ends.append((token, write))
                continue
            state = flow.seen.get(token, 0)
            seen = known.get((id(changes), state))  # the tokens of a statement have much in common
            if seen is None:
                seen = known[id(changes), state] = {}
                for change in changes:
                    symbol = change.symbol  # type: ignore[union-attr]
                    bits = state & mask[symbol]
                    seen[symbol] = ends_of[bits] if bits in ends_of else flow.latest(bits)
                width = max(map(len, seen.values()))
                for symbol, writes in seen.items():
                    if len(writes) < width:
                        seen[symbol] = writes + (NULL,) * (width - len(writes))
            self.write_slot[token] = len(ends)
            self.reaching[token] = seen
            ends.extend([(NULL, NULL) if write == NULL else (token, write) for write in seen[symbol_of[token]]])

    # ---- arrays ------------------------------------------------------------------------------------------------------

    def assemble(self) -> CodeGraph:
        sites = self.unit.sites
        deltas = Deltas(self)
        site_node: list[int] = []
        option_ptr = [0]
        for site in sites:
            change = site.changes[0]
            site_node += (site.node, change.first, change.second) if type(change) is Swap else (site.node, NULL, NULL)
            deltas.add(site)
            option_ptr.append(len(deltas.label))
        ends = list(itertools.chain.from_iterable(itertools.chain.from_iterable(self.ends)))
        label, role, text, source, target, rule, nodes, chosen = _integers(
            self.label,
            self.role,
            self.text,
            ends[::2],
            ends[1::2],
            [RULE_ID[site.rule.code] for site in sites],
            site_node,
            [site.chosen for site in sites],
        )
        options, option_label, option_text, option_node, cell_ptr = _integers(
            option_ptr, deltas.label, deltas.text, deltas.node, deltas.cell_ptr
        )
        return CodeGraph(
            label=label,
            role=role,
            text=text,
            texts=np.frombuffer(bytearray().join(map(packed, self.rows)), np.int32).reshape(-1, SUBTOKENS),
            relation=np.repeat(_RELATIONS, [len(family) for family in self.ends]),
            source=source,
            target=target,
            site_rule=rule,
            site_node=nodes.reshape(-1, 3),
            chosen=chosen,
            option_ptr=options,
            option_label=option_label,
            option_text=option_text,
            option_node=option_node,
            cell_ptr=cell_ptr,
            cells=np.frombuffer(bytearray().join(deltas.cells), np.int32).reshape(-1, 4),
        )


_SYMBOL = {label.removeprefix("Symbol:"): number for label, number in LABEL_ID.items() if label.startswith("Symbol:")}
"""kind of symbol -> label of its node"""
_RELATIONS = np.arange(len(Relation), dtype=np.int32)


def _integers(*lists: Sequence[int]) -> list[Int]:
    """The lists as parts of one block of memory: numpy takes twice as long to read a list, and that for each of them."""
    block = list(itertools.chain.from_iterable(lists))
    whole = np.frombuffer(bytearray(struct.pack(f"{len(block)}i", *block)), np.int32)
    ends = [*itertools.accumulate(map(len, lists))]
    return [whole[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


MAX_CAPTURES = 8
"""Names shown below the stub of a nested function."""
