"""What changes in the arrays of a graph when a choice moves."""

from __future__ import annotations

import itertools
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..rewrites.base import Relabel, Site, Swap
from .labels import LABEL_ID
from .schema import NULL, Field, Relation

if TYPE_CHECKING:
    from .build import Builder

Cell = tuple[int, int, int, int]

_LABEL, _TEXT, _ROLE, _EDGE = map(int, Field)
_SWAP = LABEL_ID["Swap"]
_EMPTY: list[int] = []
_cell, _two_cells = struct.Struct("4i").pack, struct.Struct("8i").pack


class Deltas:
    """The options of sites with the cells that they move, as columns, for the nodes and edges that a Builder has made."""

    def __init__(self, made: Builder) -> None:
        self.made = made
        self.label: list[int] = []
        self.text: list[int] = []
        self.node: list[int] = []
        self.cells: list[bytes] = []
        """as they lie in an array: a hundred thousand integers are too many for a list"""
        self.size = 0
        """how many there are"""
        self.cell_ptr = [0]
        self._relabelled: dict[int, tuple[list[int], list[int], list[int]]] = {}
        """identity of a list of changes, which sites share -> columns of its options"""
        self.slots: dict[Relation, dict[tuple[int, int], int]] = {}
        """relation -> ends of an edge -> its slot; made when asked for"""

    def add(self, site: Site) -> None:
        """The options of one site, which all change the same kind of thing."""
        change = type(site.changes[0])
        if change is Relabel:
            self.relabels(site)
        elif change is Swap:
            self.swaps(site)
        else:
            self.renames(site)

    def relabels(self, site: Site) -> None:
        """Another operator, literal, attribute or filler of a slot."""
        made, node, changes = self.made, site.node, site.changes
        known = self._relabelled.get(id(changes))
        if known is None:
            rows = made.rows
            labels = [LABEL_ID[change.label] for change in changes]  # type: ignore[union-attr]
            texts = [rows.setdefault(change.text, len(rows)) for change in changes]  # type: ignore[union-attr]
            known = self._relabelled[id(changes)] = labels, texts, [NULL] * len(changes)
        self.label += known[0]
        self.text += known[1]
        self.node += known[2]
        own_label, own_text = made.label[node], made.text[node]
        add, end, size, idle = self.cells.append, self.cell_ptr.append, self.size, site.idle
        for option, label in enumerate(known[0]):
            if option not in idle:
                if label != own_label:
                    add(_cell(_LABEL, node, label, 0))
                    size += 1
                if (text := known[1][option]) != own_text:
                    add(_cell(_TEXT, node, text, 0))
                    size += 1
            end(size)
        self.size = size

    def renames(self, site: Site) -> None:
        """A token leaves the chain of its symbol for that of another, and sees the writes of that one."""
        made, token = self.made, site.node
        slot, chains, texts = made.token_slot, made.chains, made.text
        first_use, at = made.offset[Relation.LAST_USE], slot[token]
        use, occurs = first_use + at, made.offset[Relation.OCCURRENCE] + at
        reaching = made.reaching.get(token)
        nodes: list[int]
        mine: tuple[int, ...] = ()
        first_write = 0
        if reaching is not None:
            nodes = [made.symbol_node[symbol] for symbol in reaching]
            mine = reaching[made.unit.symbol_of[token]]
            first_write = made.offset[Relation.LAST_WRITE] + made.write_slot[token]
        else:
            nodes = [made.member_node[change.name] for change in site.changes]  # type: ignore[union-attr]
            reaching = dict.fromkeys(nodes, mine)
        node = made.occurrence[token]
        chain = chains[node]
        at = bisect_left(chain, token)
        leaving: bytes | None = None
        if at + 1 < len(chain):
            leaving = _cell(_EDGE, first_use + slot[chain[at + 1]], chain[at + 1], chain[at - 1] if at else node)
        self.label += [made.label[token]] * len(nodes)
        self.text += [texts[node] for node in nodes]
        self.node += nodes
        add, end = self.cells.append, self.cell_ptr.append
        size, always, idle = self.size, 3 if leaving is None else 4, site.idle
        for option, (node, theirs) in enumerate(zip(nodes, reaching.values(), strict=True)):
            if option not in idle:
                add(_two_cells(_TEXT, token, texts[node], 0, _EDGE, occurs, token, node))
                if leaving is not None:
                    add(leaving)
                chain = chains.get(node, _EMPTY)
                at = bisect_left(chain, token)
                before = chain[at - 1] if at else node
                if at < len(chain):
                    behind = chain[at]
                    add(_two_cells(_EDGE, use, token, before, _EDGE, first_use + slot[behind], behind, token))
                    size += 1
                else:
                    add(_cell(_EDGE, use, token, before))
                size += always
                if theirs != mine:
                    for write, (old, new) in enumerate(zip(mine, theirs, strict=True), first_write):
                        if old != new:
                            add(_cell(_EDGE, write, NULL if new == NULL else token, new))
                            size += 1
            end(size)
        self.size = size

    def swaps(self, site: Site) -> None:
        """Two subtrees change places."""
        for option, change in enumerate(site.changes):
            if option not in site.idle:
                cells = self._swap(change.first, change.second)  # type: ignore[union-attr]
                self.cells += itertools.starmap(_cell, cells)
                self.size += len(cells)
            self.cell_ptr.append(self.size)
        many = len(site.changes)
        self.label += [_SWAP] * many
        self.text += [0] * many
        self.node += [NULL] * many

    def edge(self, relation: Relation, slot: int, source: int, target: int) -> Cell:
        return (_EDGE, self.made.offset[relation] + slot, source, target)

    def _swap(self, first: int, second: int) -> list[Cell]:
        unit = self.made.unit
        first_end, second_end = unit.last(first), unit.last(second)
        cells: list[Cell] = []
        if self.made.role[first] != self.made.role[second]:
            cells = [(_ROLE, first, self.made.role[second], 0), (_ROLE, second, self.made.role[first], 0)]
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
