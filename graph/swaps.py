"""What changes in the arrays of a graph when two subtrees of a unit change places."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from ..rewrites.base import Swap
from .draft import Draft
from .schema import Field, Relation

Cell = tuple[int, int, int, int]

_ROLE, _EDGE = int(Field.ROLE), int(Field.EDGE)
_NO_CHANGE: Mapping[int, int] = MappingProxyType({})


class Swaps:
    """The swaps of one unit, with its leaves and where the edges of each relation begin."""

    def __init__(self, draft: Draft, leaves: list[int], offset: Sequence[int]) -> None:
        self.draft, self.leaves, self.offset = draft, leaves, offset
        self.slots: dict[Relation, dict[tuple[int, int], int]] = {}
        """relation -> ends of an edge -> its slot; made when asked for"""

    def cells(self, change: Swap) -> list[Cell]:
        draft, unit, leaves = self.draft, self.draft.unit, self.leaves
        first, second = change
        cells: list[Cell] = []
        if draft.role[first] != draft.role[second]:
            cells = [(_ROLE, first, draft.role[second], 0), (_ROLE, second, draft.role[first], 0)]
        start, a_end = bisect_left(leaves, first), bisect_left(leaves, unit.stop[first])
        b_start, stop = bisect_left(leaves, second), bisect_left(leaves, unit.stop[second])
        a, middle, b = leaves[start:a_end], leaves[a_end:b_start], leaves[b_start:stop]
        at = max(start - 1, 0)
        written = leaves[at : stop + 1]
        order = [*leaves[at:start], *b, *middle, *a, *leaves[stop : stop + 1]]
        slot = self.offset[Relation.NEXT_TOKEN] + at
        edges = zip(itertools.count(slot), order, order[1:], written, written[1:], strict=False)
        cells += [(_EDGE, edge, left, right) for edge, left, right, *before in edges if before != [left, right]]
        exchanged = {first: second, second: first}
        parents = (unit.parent[first], unit.parent[second])
        if parents[0] != parents[1]:
            child = self.offset[Relation.CHILD] - 1  # the edge to node n is the one before the n-th
            cells += [(_EDGE, child + first, parents[0], second), (_EDGE, child + second, parents[1], first)]
        elif unit.role[first] == "operand":
            operator = unit.children[parents[0]][1]
            cells += self._rewired(Relation.LEFT_OPERAND, [(operator, first)], target=exchanged)
            cells += self._rewired(Relation.RIGHT_OPERAND, [(operator, second)], target=exchanged)
        formals = [(argument, draft.formal_node[argument]) for argument in change if argument in draft.formal_node]
        if formals:
            cells += self._rewired(Relation.FORMAL, formals, source=exchanged)
        occurrence = draft.occurrence
        exchanged_leaves = (*b, *middle, *a)
        named = [occurrence[leaf] for leaf in exchanged_leaves if leaf in occurrence]
        for symbol_node in set(named):
            if named.count(symbol_node) > 1:
                tokens = [leaf for leaf in exchanged_leaves if occurrence.get(leaf) == symbol_node]
                cells += self._reordered(symbol_node, tokens)
        return cells

    @cached_property
    def chains(self) -> dict[int, list[int]]:
        """symbol node -> its name tokens in source order"""
        found: dict[int, list[int]] = {}
        for token in self.draft.tokens:
            found.setdefault(self.draft.occurrence[token], []).append(token)
        return found

    def _rewired(
        self,
        relation: Relation,
        edges: list[tuple[int, int]],
        source: Mapping[int, int] = _NO_CHANGE,
        target: Mapping[int, int] = _NO_CHANGE,
    ) -> list[Cell]:
        """Give edges, named by their ends, other ends."""
        if relation not in self.slots:
            self.slots[relation] = {ends: slot for slot, ends in enumerate(self.draft.ends[relation], self.offset[relation])}
        slots = self.slots[relation]
        return [(_EDGE, slots[a, b], source.get(a, a), target.get(b, b)) for a, b in edges]

    def _reordered(self, symbol_node: int, order: list[int]) -> list[Cell]:
        """Rewire the last uses of one symbol whose neighbouring tokens now stand in that order."""
        chain, tokens = self.chains[symbol_node], self.draft.tokens
        first = bisect_left(chain, min(order))
        last = first + len(order)
        before = was = chain[first - 1] if first else symbol_node
        use = dict(zip(chain[first : last + 1], [was, *chain[first:last]], strict=False))
        cells: list[Cell] = []
        for token in order + chain[last : last + 1]:
            if before != use[token]:
                slot = self.offset[Relation.LAST_USE] + bisect_left(tokens, token)
                cells.append((_EDGE, slot, token, before))
            before = token
        return cells
