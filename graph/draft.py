"""One unit's nodes, and those of its edges that are found one by one; ``assembly.py`` adds the others and makes arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ..rewrites.base import Member, Rename, Site
from ..rewrites.unit import Unit
from .context import MAX_MEMBERS, Context
from .flow import MAX_WRITES, Flow
from .influence import Edges, computed, guards, neighbours
from .labels import LABEL_ID, ROLE_ID
from .schema import NULL, Relation

MAX_CAPTURES = 8
"""Names shown below the stub of a nested function."""

_GIVES_BACK = {"Return", "Yield"}
_SYMBOL = {label.removeprefix("Symbol:"): number for label, number in LABEL_ID.items() if label.startswith("Symbol:")}
"""kind of symbol -> label of its node"""
_RELATIONS = tuple(Relation)
_PADDED = tuple((NULL,) * (MAX_WRITES - many) for many in range(MAX_WRITES + 1))


class Draft:
    """Nodes of the skeleton come first, then captured names, callees, symbols, and what stands around the unit.

    Edges are slots: a delta rewires them, it never adds or removes one.
    """

    def __init__(self, unit: Unit, context: Context | None = None) -> None:
        self.unit, self.context = unit, context or Context()
        self.label = [*map(LABEL_ID.__getitem__, unit.label)]
        self.role = [*map(ROLE_ID.__getitem__, unit.role)]
        self.rows = {text: row for row, text in enumerate(dict.fromkeys(chain(("",), unit.text)))}
        """text -> its row"""
        self.text = [*map(self.rows.__getitem__, unit.text)]
        self.ends: list[Edges] = [[] for _ in _RELATIONS]
        """relation -> edges that neither the skeleton nor the order of the tokens gives"""
        self.structure()
        self.contextual_nodes()
        self.names()

    def row(self, text: str) -> int:
        return self.rows.setdefault(text, len(self.rows))

    def node(self, label: str, text: str, role: str) -> int:
        self.label.append(LABEL_ID[label])
        self.text.append(self.row(text))
        self.role.append(ROLE_ID[role])
        return len(self.label) - 1

    def referents(self, changes: Sequence[Rename | Member]) -> list[int]:
        """The nodes that a name or attribute refers to after each change."""
        first, member = self.first_symbol, self.member_node
        return [member[change.name] if type(change) is Member else first + change.symbol for change in changes]  # type: ignore[union-attr]

    def structure(self) -> None:
        """Edges that the skeleton alone decides."""
        unit, ends = self.unit, self.ends
        self.flow = Flow(unit)
        left, right, following, tests = neighbours(unit)
        ends[Relation.LEFT_OPERAND], ends[Relation.RIGHT_OPERAND], ends[Relation.NEXT_STATEMENT] = left, right, following
        ends[Relation.RETURNS] = [(node, 0) for node, kind in enumerate(unit.label) if kind in _GIVES_BACK]
        if tests:
            ends[Relation.GUARD], ends[Relation.GUARD_ELSE] = guards(unit, tests, dict(following), self.flow.closed)
        ends[Relation.COMPUTED_FROM] = computed(unit)

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

    def names(self) -> None:
        """Symbol nodes, which token refers to which, and last writes."""
        unit = self.unit
        first = self.first_symbol = len(self.label)
        """node of symbol 0; the others follow"""
        self.label += [_SYMBOL[symbol.kind] for symbol in unit.symbols]
        self.text += [self.row(symbol.name) for symbol in unit.symbols]
        self.role += [ROLE_ID["symbol"]] * len(unit.symbols)
        self.occurrence = {token: first + symbol for token, symbol in unit.symbol_of.items()}
        """name token -> node of what it refers to"""
        attributes = self.receiver_attributes()
        self.member_node = {name: self.node("Symbol:attribute", name, "symbol") for name in sorted(attributes)}
        """attribute of the receiver that is used, or may be -> its symbol node"""
        for name, tokens in attributes.items():
            self.occurrence.update(dict.fromkeys(tokens, self.member_node[name]))
        self.tokens = sorted(self.occurrence)
        self.ends[Relation.OCCURRENCE] = [(node, first + symbol) for node, symbol in self.captured]
        self.surrounding_nodes()
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

    def surrounding_nodes(self) -> None:
        """The class around a method, whose attributes it uses, and what its constants are bound to."""
        context = self.context
        if context.members:
            owner = next((node for node in self.unit.children[0] if self.unit.label[node] == "Owner"), NULL)
            unused = 0
            for name in context.members:
                node = self.member_node.get(name, NULL)
                if node == NULL and unused < MAX_MEMBERS:
                    node, unused = self.node("Member", name, "member"), unused + 1
                if node != NULL:
                    self.ends[Relation.MEMBER].append((owner, node))
        for symbol, text in context.constants.items():
            self.ends[Relation.COMPUTED_FROM].append((self.first_symbol + symbol, self.node("Value", text, "value")))

    def last_writes(self) -> None:
        """Every name token has room for as many writes as reach it of any symbol that may stand there."""
        symbol_of, flow = self.unit.symbol_of, self.flow
        ends_of, mask, latest, seen = flow.ends, flow.mask, flow.latest, flow.seen
        wanted: dict[int, Site] = {site.node: site for site in self.unit.sites if type(site.changes[0]) is Rename}
        known: dict[tuple[int, int], tuple[int, int]] = {}
        self.reaching: list[tuple[int, ...]] = []
        """the writes of one symbol at one place, filled up with NULL to MAX_WRITES"""
        self.reach: dict[int, int] = {}
        """name token that may refer to other symbols -> place in ``reaching`` of the first of them, the others follow"""
        self.write_slot: dict[int, int] = {}
        """such a token -> its first slot among last writes"""
        ends = self.ends[Relation.LAST_WRITE]
        for token in flow.tokens:
            state = seen.get(token, 0)
            site = wanted.get(token)
            if site is None:
                bits = state & mask[symbol_of[token]]
                for write in ends_of[bits] if bits in ends_of else latest(bits):
                    ends.append((token, write))
                continue
            changes = site.changes
            place = known.get((id(changes), state))  # the tokens of a statement have much in common
            if place is None:
                first, width = len(self.reaching), 0
                for change in changes:
                    bits = state & mask[change.symbol]  # type: ignore[union-attr]
                    writes = ends_of[bits] if bits in ends_of else latest(bits)
                    width = max(width, len(writes))
                    self.reaching.append(writes + _PADDED[len(writes)])
                place = known[id(changes), state] = first, width
            first, width = place
            self.write_slot[token], self.reach[token] = len(ends), first
            ends += [(NULL, NULL) if w == NULL else (token, w) for w in self.reaching[first + site.chosen][:width]]
