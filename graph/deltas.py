"""What changes in the arrays of a graph when a choice moves."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..rewrites.base import Rename, Site
from .schema import NULL, Field, Relation

if TYPE_CHECKING:
    from .build import Builder

Cell = tuple[int, int, int, int]


class Deltas:
    """The cells of the options that move more than a label, for the nodes and edges that a Builder has made."""

    def __init__(self, made: Builder) -> None:
        self.made = made
        self.slots: dict[Relation, dict[tuple[int, int], int]] = {}
        """relation -> ends of an edge -> its slot; made when asked for"""

    def edge(self, relation: Relation, slot: int, source: int, target: int) -> Cell:
        return (Field.EDGE, self.made.offset[relation] + slot, source, target)

    def renames(self, site: Site) -> Iterator[tuple[int, int, list[int]]]:
        """For each option of a site that exchanges a name: row of its text, symbol node, cells that move the token there.

        The token leaves the chain of its symbol for that of another, and sees the writes of that one.
        """
        made, token = self.made, site.node
        symbols, slot, edge = made.unit.symbols, made.token_slot, int(Field.EDGE)
        last_use = made.offset[Relation.LAST_USE]
        use, occurs = last_use + slot[token], made.offset[Relation.OCCURRENCE] + slot[token]
        old_node = made.occurrence[token]
        chain = made.chains[old_node]
        at = bisect_left(chain, token)
        leaving: list[int] = []
        if at + 1 < len(chain):
            leaving = [edge, last_use + slot[chain[at + 1]], chain[at + 1], chain[at - 1] if at else old_node]
        for option in site.options:
            change = option.change
            if isinstance(change, Rename):
                new_node, row = made.symbol_node[change.symbol], made.row(symbols[change.symbol].name)
            else:
                new_node, row = made.member_node[change.name], made.row(change.name)  # type: ignore[union-attr]
            if option.edit is None:
                yield row, new_node, []
                continue
            cells = [int(Field.TEXT), token, row, 0, edge, occurs, token, new_node, *leaving]
            chain = made.chains.get(new_node, [])
            at = bisect_left(chain, token)
            cells += (edge, use, token, chain[at - 1] if at else new_node)
            if at < len(chain):
                cells += (edge, last_use + slot[chain[at]], chain[at], token)
            if isinstance(change, Rename):
                cells += self.writes(token, change.symbol)
            yield row, new_node, cells

    def writes(self, token: int, symbol: int) -> list[int]:
        """Let a token see the writes of another symbol than its own."""
        reaching = self.made.reaching[token]
        mine, theirs = reaching[self.made.unit.symbol_of[token]], reaching[symbol]
        cells: list[int] = []
        if mine != theirs:
            first, width = self.made.write_slot[token]
            first += self.made.offset[Relation.LAST_WRITE]
            for i in range(width):
                new = theirs[i] if i < len(theirs) else NULL
                if new != (mine[i] if i < len(mine) else NULL):
                    cells += (int(Field.EDGE), first + i, NULL if new == NULL else token, new)
        return cells

    def relabel(self, node: int, label: int, text: int) -> list[int]:
        """Write another token at a node."""
        cells = [int(Field.LABEL), node, label, 0] if label != self.made.label[node] else []
        return cells + ([int(Field.TEXT), node, text, 0] if text != self.made.text[node] else [])

    def swap(self, first: int, second: int) -> Iterator[int]:
        """Let two subtrees change places."""
        return itertools.chain.from_iterable(self._swap(first, second))

    def _swap(self, first: int, second: int) -> list[Cell]:
        unit = self.made.unit
        first_end, second_end = unit.last(first), unit.last(second)
        cells: list[Cell] = []
        if self.made.role[first] != self.made.role[second]:
            cells = [(Field.ROLE, first, self.made.role[second], 0), (Field.ROLE, second, self.made.role[first], 0)]
        a, b = self._leaves(first, first_end), self._leaves(second, second_end)
        start, stop = self.made.leaf_at[a[0]], self.made.leaf_at[b[-1]]
        middle = self.made.leaves[self.made.leaf_at[a[-1]] + 1 : self.made.leaf_at[b[0]]]
        order = [*self.made.leaves[max(start - 1, 0) : start], *b, *middle, *a, *self.made.leaves[stop + 1 : stop + 2]]
        at = max(start - 1, 0)
        for offset, ends in enumerate(itertools.pairwise(order)):
            if ends != self.made.ends[Relation.NEXT_TOKEN][at + offset]:
                cells.append(self.edge(Relation.NEXT_TOKEN, at + offset, *ends))
        exchanged = {first: second, second: first}
        parents = (unit.parent[first], unit.parent[second])
        if parents[0] != parents[1]:
            cells.extend(self.rewired(Relation.CHILD, [(parents[0], first), (parents[1], second)], target=exchanged))
        elif unit.role[first] == "operand":
            operator = unit.children[parents[0]][1]
            cells.extend(self.rewired(Relation.LEFT_OPERAND, [(operator, first)], target=exchanged))
            cells.extend(self.rewired(Relation.RIGHT_OPERAND, [(operator, second)], target=exchanged))
        formals = [(argument, self.made.formal_node[argument]) for argument in exchanged if argument in self.made.formal_node]
        cells.extend(self.rewired(Relation.FORMAL, formals, source=exchanged))
        rank = {leaf: at for at, leaf in enumerate((*b, *middle, *a))}
        for symbol_node in {self.made.occurrence[leaf] for leaf in rank if leaf in self.made.occurrence}:
            cells.extend(self.reorder(symbol_node, rank))
        return cells

    def rewired(
        self,
        relation: Relation,
        pairs: list[tuple[int, int]],
        source: Mapping[int, int] = MappingProxyType({}),
        target: Mapping[int, int] = MappingProxyType({}),
    ) -> list[Cell]:
        """Give edges, named by their ends, other ends."""
        if relation not in self.slots:
            self.slots[relation] = {ends: slot for slot, ends in enumerate(self.made.ends[relation])}
        slots = self.slots[relation]
        return [self.edge(relation, slots[a, b], source.get(a, a), target.get(b, b)) for a, b in pairs]

    def _leaves(self, node: int, last: int) -> list[int]:
        return self.made.leaves[bisect_left(self.made.leaves, node) : bisect_left(self.made.leaves, last) + 1]

    def reorder(self, symbol_node: int, rank: dict[int, int]) -> list[Cell]:
        """Rewire the last uses of one symbol whose tokens of ``rank`` now stand in that order."""
        chain = self.made.chains[symbol_node]
        first, last = bisect_left(chain, min(rank)), bisect_right(chain, max(rank))
        if last - first < 2:
            return []
        order = sorted(chain[first:last], key=rank.__getitem__) + chain[last : last + 1]
        before = chain[first - 1] if first else symbol_node
        cells = []
        for token in order:
            slot = self.made.token_slot[token]
            if before != self.made.ends[Relation.LAST_USE][slot][1]:
                cells.append(self.edge(Relation.LAST_USE, slot, token, before))
            before = token
        return cells
