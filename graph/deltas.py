"""Sites, their options, and what changes in the arrays of a graph when a choice moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..rewrites.base import Relabel, Rename, Swap
from .columns import integers, offsets
from .flow import MAX_WRITES
from .labels import LABEL_ID, RULE_ID
from .schema import NULL, Field, Int, Relation
from .swaps import Cell, Swaps

if TYPE_CHECKING:
    from .assembly import Assembly

Rows = NDArray[np.intp]
"""rows of options"""
Column = tuple[NDArray[np.bool_], Field, Int, Int, Int | int]
"""where there is such a cell, and what it holds"""

_RELABEL, _RENAME, _SWAP = range(3)
_NO_WRITES = (NULL,) * MAX_WRITES


class Deltas:
    """The sites of all units, their options, and the cells of each option, for the nodes and edges that are made."""

    def __init__(self, made: Assembly) -> None:
        self.made = made
        sites = [site for draft in made.drafts for site in draft.unit.sites]
        self.site_ptr = offsets([len(draft.unit.sites) for draft in made.drafts])
        self.rule = np.array([RULE_ID[site.rule.code] for site in sites], np.int32)
        self.chosen = np.array([site.chosen for site in sites], np.int32)
        self.option_ptr = offsets([len(site.changes) for site in sites])
        self._gather()
        many = np.diff(self.option_ptr)
        self.site = np.repeat(np.arange(len(sites)), many)
        """[options]"""
        self.unit = np.repeat(np.repeat(np.arange(len(made.drafts)), np.diff(self.site_ptr)), many)
        self.base = made.node_ptr[self.unit]
        """[options] the first node of the unit"""
        self.token = self.node[self.site, 0]
        self.own_label, self.own_text = made.label[self.base + self.token], made.text[self.base + self.token]
        self.idle = np.zeros(len(self.site), bool)
        self.idle[self.option_ptr[:-1] + self.chosen] = True
        self.idle[self.also_idle] = True
        self._options()
        kind = self.kind[self.site]
        found = [
            self._relabels(np.flatnonzero((kind == _RELABEL) & ~self.idle)),
            self._renames(np.flatnonzero((kind == _RENAME) & ~self.idle)),
            (np.array(self.swapped, np.intp), np.array(self.swap_cells, np.int32).reshape(-1, 4)),
        ]
        option = np.concatenate([option for option, _ in found])
        self.cells = np.concatenate([cells for _, cells in found])[np.argsort(option, kind="stable")]
        self.cell_ptr = offsets(np.bincount(option, minlength=len(self.site)))

    def columns(self) -> dict[str, tuple[Int, Int]]:
        """name -> array, and where the part of each unit begins."""
        options = self.option_ptr[self.site_ptr]
        return {
            "site_rule": (self.rule, self.site_ptr),
            "site_node": (self.node, self.site_ptr),
            "chosen": (self.chosen, self.site_ptr),
            "option_label": (self.option_label, options),
            "option_text": (self.option_text, options),
            "option_node": (self.option_node, options),
            "cells": (self.cells, self.cell_ptr[options]),
        }

    def pointers(self, unit: int) -> dict[str, Int]:
        """Where the options of each site and the cells of each option begin, counted within the unit."""
        options = self.option_ptr[self.site_ptr[unit] : self.site_ptr[unit + 1] + 1]
        cells = self.cell_ptr[options[0] : options[-1] + 1]
        return {"option_ptr": options - options[0], "cell_ptr": cells - cells[0]}

    def _gather(self) -> None:
        """What the changes say, site by site."""
        nodes: list[int] = []
        kinds: list[int] = []
        self.also_idle: list[int] = []
        """rows of options that are idle beside the chosen ones"""
        self.labels: list[int] = []
        self.texts: list[int] = []
        """of options that change a label or text"""
        self.referents: list[int] = []
        """of options that change what a name refers to: its node"""
        reach: list[int] = []
        reaching: list[tuple[int, ...]] = [_NO_WRITES]
        self.swapped: list[int] = []
        self.swap_cells: list[Cell] = []
        leaf_ptr, option = self.made.leaf_ptr.tolist(), 0
        for unit, draft in enumerate(self.made.drafts):
            relabelled: dict[int, tuple[list[int], list[int]]] = {}
            referents: dict[int, list[int]] = {}
            swaps: Swaps | None = None
            rows = draft.rows
            for site in draft.unit.sites:
                changes, node = site.changes, site.node
                first = changes[0]
                if len(site.idle) > 1:
                    self.also_idle += [option + index for index in site.idle]
                if type(first) is Relabel:
                    known = relabelled.get(id(changes))
                    if known is None:
                        known = relabelled[id(changes)] = (
                            [LABEL_ID[change.label] for change in changes],  # type: ignore[union-attr]
                            [rows.setdefault(change.text, len(rows)) for change in changes],  # type: ignore[union-attr]
                        )
                    self.labels += known[0]
                    self.texts += known[1]
                    kinds.append(_RELABEL)
                    nodes += (node, NULL, NULL)
                elif type(first) is Swap:
                    if swaps is None:
                        leaves = self.made.leaf[leaf_ptr[unit] : leaf_ptr[unit + 1]].tolist()
                        swaps = Swaps(draft, leaves, self.made.offset[unit].tolist())
                    for index, change in enumerate(changes):
                        if index not in site.idle:
                            cells = swaps.cells(change)  # type: ignore[arg-type]
                            self.swap_cells += cells
                            self.swapped += [option + index] * len(cells)
                    kinds.append(_SWAP)
                    nodes += (node, first.first, first.second)
                else:
                    refer = referents.get(id(changes))
                    if refer is None:
                        refer = referents[id(changes)] = draft.referents(changes)  # type: ignore[arg-type]
                    self.referents += refer
                    kinds.append(_RENAME)
                    nodes += (node, NULL, NULL)
                reach += (len(reaching) + draft.reach[node], 1, draft.write_slot[node]) if type(first) is Rename else (0, 0, 0)
                option += len(changes)
            reaching += draft.reaching
        self.node = np.array(nodes, np.int32).reshape(-1, 3)
        self.kind = np.array(kinds, np.int8)
        self.reach = np.array(reach, np.int32).reshape(-1, 3)
        """[sites] place in ``reaching`` of the writes of its first option, steps to the next, first slot of its token"""
        self.reaching = integers(reaching).reshape(-1, MAX_WRITES)
        """the last writes that one option sees"""

    def _options(self) -> None:
        """The columns of all options, chosen and idle ones too."""
        kind = self.kind[self.site]
        relabels, renames = kind == _RELABEL, kind == _RENAME
        self.option_label = np.full(len(kind), LABEL_ID["Swap"], np.int32)
        self.option_text = np.zeros(len(kind), np.int32)
        self.option_node = np.full(len(kind), NULL, np.int32)
        self.option_label[relabels], self.option_text[relabels] = self.labels, self.texts
        self.option_node[renames] = self.referents
        self.option_label[renames] = self.own_label[renames]
        self.option_text[renames] = self.made.text[(self.base + self.option_node)[renames]]

    def _relabels(self, option: Rows) -> tuple[Rows, Int]:
        """Another operator, literal, attribute or filler of a slot."""
        token, label, text = self.token[option], self.option_label[option], self.option_text[option]
        return _interleaved(
            option,
            [
                (label != self.own_label[option], Field.LABEL, token, label, 0),
                (text != self.own_text[option], Field.TEXT, token, text, 0),
            ],
        )

    def _renames(self, option: Rows) -> tuple[Rows, Int]:
        """A token leaves the chain of its symbol for that of another, and sees the writes of that one."""
        made, unit, site, token = self.made, self.unit[option], self.site[option], self.token[option]
        base, node, text = self.base[option], self.option_node[option], self.option_text[option]
        at = made.slot[base + token]
        left = made.occurs[made.token_ptr[unit] + at]
        occurs = made.offset[unit, Relation.OCCURRENCE] + at
        first_use = made.offset[unit, Relation.LAST_USE]
        previous, following = made.chains.around(base + left, token)
        before, behind = made.chains.around(base + node, token)
        always = np.ones(len(option), bool)
        cells: list[Column] = [
            (always, Field.TEXT, token, text, 0),
            (always, Field.EDGE, occurs, token, node),
            (following != NULL, Field.EDGE, first_use + made.slot[base + following], following, _or(previous, left)),
            (always, Field.EDGE, first_use + at, token, _or(before, node)),
            (behind != NULL, Field.EDGE, first_use + made.slot[base + behind], behind, token),
        ]
        place, step, slot = self.reach[site].T
        slot += made.offset[unit, Relation.LAST_WRITE]
        mine = self.reaching[place + step * self.chosen[site]]
        theirs = self.reaching[place + step * (option - self.option_ptr[site])]
        for at in range(MAX_WRITES):
            old, new = mine[:, at], theirs[:, at]
            cells.append((old != new, Field.EDGE, slot + at, np.where(new == NULL, NULL, token), new))
        return _interleaved(option, cells)


def _or(token: Int, node: Int) -> Int:
    """The token, or the node where there is none."""
    return np.where(token == NULL, node, token)


def _interleaved(option: Rows, columns: list[Column]) -> tuple[Rows, Int]:
    """The cells of each option together, in the order of the columns: their options and themselves."""
    there = np.empty((len(option), len(columns)), bool)
    cells = np.empty((len(option), len(columns), 4), np.int32)
    for at, (where, field, index, first, second) in enumerate(columns):
        there[:, at] = where
        cells[:, at, 0], cells[:, at, 1], cells[:, at, 2], cells[:, at, 3] = field, index, first, second
    return np.repeat(option, there.sum(axis=1)), cells[there]
