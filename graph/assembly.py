"""From the drafts of many units to the arrays of their graphs, all at once: a small array costs more than its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from .chains import Chains
from .choices import Choices
from .columns import either, integers, offsets
from .deltas import Deltas
from .draft import Draft
from .schema import SUBTOKENS, CodeGraph, Int, Relation
from .subtokens import packed

Edges = tuple[Int, Int, Int]
"""unit, source, target of each"""


class Assembly:
    """Nodes and edges of all drafts, one behind the other.  Numbers of nodes are those within their unit."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.node_ptr = offsets([len(draft.label) for draft in drafts])
        """[units + 1]"""
        self.label = integers(chain.from_iterable(draft.label for draft in drafts))
        self.role = integers(chain.from_iterable(draft.role for draft in drafts))
        self.text = integers(chain.from_iterable(draft.text for draft in drafts))
        many = [len(draft.tokens) for draft in drafts]
        self.token_ptr = offsets(many)
        self.token_unit = np.repeat(np.arange(len(drafts), dtype=np.int32), many)
        """[tokens]: all that occur, in order"""
        self.token = integers(chain.from_iterable(draft.tokens for draft in drafts))
        self.occurs = integers(chain.from_iterable(map(draft.occurrence.__getitem__, draft.tokens) for draft in drafts))
        """[tokens] the node that each refers to"""
        base = self.node_ptr[self.token_unit]
        self.chains = Chains(base + self.occurs, self.token)
        self.slot = np.zeros(len(self.label), np.int32)
        """[nodes] of name tokens: the slot among occurrences, and among last uses"""
        self.slot[base + self.token] = np.arange(len(self.token)) - self.token_ptr[self.token_unit]
        self._edges()

    def graphs(self) -> list[CodeGraph]:
        """The graph of each draft."""
        choices = Choices(self)  # adds texts
        deltas = Deltas(self, choices)
        options = choices.option_ptr[choices.site_ptr]
        rows = [len(draft.rows) for draft in self.drafts]
        texts = bytearray().join(map(packed, chain.from_iterable(draft.rows for draft in self.drafts)))
        columns = {
            "label": (self.label, self.node_ptr),
            "role": (self.role, self.node_ptr),
            "text": (self.text, self.node_ptr),
            "texts": (np.frombuffer(texts, np.int32).reshape(-1, SUBTOKENS), offsets(rows)),
            "relation": (self.relation, self.edge_ptr),
            "source": (self.source, self.edge_ptr),
            "target": (self.target, self.edge_ptr),
            "site_rule": (choices.rule, choices.site_ptr),
            "site_node": (choices.node, choices.site_ptr),
            "chosen": (choices.chosen, choices.site_ptr),
            "option_label": (choices.option_label, options),
            "option_text": (choices.option_text, options),
            "option_node": (choices.option_node, options),
            "cells": (deltas.cells, deltas.cell_ptr[options]),
        }
        arrays: list[dict[str, Any]] = [{} for _ in self.drafts]
        for name, (column, ptr) in columns.items():
            ends = ptr.tolist()
            for own, begin, end in zip(arrays, ends, ends[1:], strict=False):
                own[name] = column[begin:end]
        for own, site, end in zip(arrays, choices.site_ptr, choices.site_ptr[1:], strict=False):
            option = choices.option_ptr[site : end + 1]
            cell = deltas.cell_ptr[option[0] : option[-1] + 1]
            own["option_ptr"], own["cell_ptr"] = option - option[0], cell - cell[0]  # counted within the unit
        return [CodeGraph(**own) for own in arrays]

    def tokens_of(self, unit: int) -> tuple[list[int], list[int]]:
        """The leaves of a unit, and where the edges of each relation begin."""
        return self.leaf[self.leaf_ptr[unit] : self.leaf_ptr[unit + 1]].tolist(), self.offset[unit].tolist()

    def _edges(self) -> None:
        """All edges, sorted by unit and relation; within a relation they stay in the order in which they are found."""
        families = self._families()
        relation = np.repeat(
            np.array([kind for kind, _ in families], np.int32), [len(source) for _, (_, source, _) in families]
        )
        unit, source, target = (np.concatenate(parts) for parts in zip(*(edges for _, edges in families), strict=True))
        key = unit * len(Relation) + relation
        order = np.argsort(key, kind="stable")
        self.relation, self.source, self.target = relation[order], source[order], target[order]
        sizes = np.bincount(key, minlength=len(self.drafts) * len(Relation)).reshape(-1, len(Relation))
        self.edge_ptr = offsets(sizes.sum(axis=1))
        self.offset = np.cumsum(sizes, axis=1) - sizes
        """[units, relations] first edge of each relation, from that of the unit"""

    def _families(self) -> list[tuple[Relation, Edges]]:
        units = np.arange(len(self.drafts), dtype=np.int32)
        sizes = [len(draft.unit.label) for draft in self.drafts]
        first = offsets(sizes)
        unit = np.repeat(units, sizes)
        parent = integers(chain.from_iterable(draft.unit.parent for draft in self.drafts))
        node = np.arange(len(parent), dtype=np.int32) - first[unit]
        below = parent >= 0
        leaf = np.ones(len(parent), bool)
        leaf[(parent + first[unit])[below]] = False
        self.leaf, in_unit = node[leaf], unit[leaf]
        self.leaf_ptr = offsets(np.bincount(in_unit, minlength=len(units)))
        beside = in_unit[1:] == in_unit[:-1]
        families: list[tuple[Relation, Edges]] = [
            (Relation.CHILD, (unit[below], parent[below], node[below])),
            (Relation.NEXT_TOKEN, (in_unit[1:][beside], self.leaf[:-1][beside], self.leaf[1:][beside])),
            (Relation.OCCURRENCE, (self.token_unit, self.token, self.occurs)),
            (Relation.LAST_USE, (self.token_unit, self.token, either(self.chains.previous, self.occurs))),
        ]
        for relation in Relation:
            found = [draft.ends[relation] for draft in self.drafts]
            ends = integers(chain.from_iterable(chain.from_iterable(found)))
            families.append((relation, (np.repeat(units, [*map(len, found)]), ends[::2], ends[1::2])))
        return families
