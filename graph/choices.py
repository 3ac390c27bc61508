"""The sites of many units and their options, as columns."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..rewrites.base import Relabel, Rename, Site, Swap
from .columns import integers, offsets
from .flow import MAX_WRITES
from .labels import LABEL_ID, RULE_ID
from .schema import NULL
from .swaps import Cell, Swaps

if TYPE_CHECKING:
    from .assembly import Assembly

RELABEL, RENAME, SWAP = range(3)
"""What a site's options exchange: a label or text, what a name or attribute refers to, the order of two subtrees."""

_NO_WRITES = (NULL,) * MAX_WRITES


class Choices:
    """All sites of all units, one behind the other, and their options.  Numbers of nodes are those within their unit."""

    def __init__(self, made: Assembly) -> None:
        sites = [site for draft in made.drafts for site in draft.unit.sites]
        self.site_ptr = offsets([len(draft.unit.sites) for draft in made.drafts])
        """[units + 1]"""
        self.option_ptr = offsets([len(site.changes) for site in sites])
        """[sites + 1]"""
        self.rule = integers(RULE_ID[site.rule.code] for site in sites)
        self.chosen = integers(site.chosen for site in sites)
        self._read(made)
        many = np.diff(self.option_ptr)
        self.site = np.repeat(np.arange(len(sites)), many)
        """[options]"""
        self.unit = np.repeat(np.repeat(np.arange(len(made.drafts)), np.diff(self.site_ptr)), many)
        """[options]"""
        self.base = made.node_ptr[self.unit]
        """[options] the first node of the unit"""
        self.token = self.node[self.site, 0]
        """[options] the node of the site"""
        self.idle = np.zeros(len(self.site), bool)
        self.idle[self.option_ptr[:-1] + self.chosen] = True
        self.idle[self._also_idle] = True
        self.option_kind = self.kind[self.site]
        relabels, renames = self.option_kind == RELABEL, self.option_kind == RENAME
        self.option_label = np.full(len(self.site), LABEL_ID["Swap"], np.int32)
        self.option_text = np.zeros(len(self.site), np.int32)
        self.option_node = np.full(len(self.site), NULL, np.int32)
        self.option_label[relabels], self.option_text[relabels] = self._labels, self._texts
        self.option_node[renames] = self._referents
        self.option_label[renames] = made.label[(self.base + self.token)[renames]]
        self.option_text[renames] = made.text[(self.base + self.option_node)[renames]]

    def _read(self, made: Assembly) -> None:
        """What the changes say, unit by unit."""
        self._also_idle: list[int] = []
        """options that are idle beside the chosen ones"""
        self._labels: list[int] = []
        self._texts: list[int] = []
        self._referents: list[int] = []
        self.swapped: list[int] = []
        """the option of each cell of a swap"""
        self.swap_cells: list[Cell] = []
        nodes: list[int] = []
        kinds: list[int] = []
        reach: list[int] = []
        reaching: list[tuple[int, ...]] = [_NO_WRITES]
        option = 0
        all_labels, all_texts, all_referents = self._labels, self._texts, self._referents
        for unit, draft in enumerate(made.drafts):
            rows = draft.rows
            known: dict[int, tuple[list[int], list[int]]] = {}
            """identity of a list of changes, which sites share -> what they say"""
            swaps: Swaps | None = None
            for site in draft.unit.sites:
                changes, node, writes = site.changes, site.node, (0, 0, 0)
                place, kind = (node, NULL, NULL), type(changes[0])
                if len(site.idle) > 1:
                    self._also_idle += [option + index for index in site.idle]
                said = known.get(id(changes))
                if kind is Relabel:
                    kinds.append(RELABEL)
                    if said is None:
                        labels = [LABEL_ID[change.label] for change in changes]  # type: ignore[union-attr]
                        texts = [rows.setdefault(change.text, len(rows)) for change in changes]  # type: ignore[union-attr]
                        said = known[id(changes)] = labels, texts
                    all_labels += said[0]
                    all_texts += said[1]
                elif kind is Swap:
                    kinds.append(SWAP)
                    place = node, *changes[0]
                    swaps = swaps or Swaps(draft, *made.tokens_of(unit))
                    self._swap(site, option, swaps)
                else:
                    kinds.append(RENAME)
                    if said is None:
                        said = known[id(changes)] = draft.referents(changes), []  # type: ignore[arg-type]
                    all_referents += said[0]
                    if kind is Rename:
                        writes = len(reaching) + draft.reach[node], 1, draft.write_slot[node]
                nodes += place
                reach += writes
                option += len(changes)
            reaching += draft.reaching
        self.node = np.array(nodes, np.int32).reshape(-1, 3)
        self.kind = np.array(kinds, np.int8)
        self.reach = np.array(reach, np.int32).reshape(-1, 3)
        """[sites] place in ``reaching`` of the writes of its first option, steps to the next, first slot of its token"""
        self.reaching = integers(chain.from_iterable(reaching)).reshape(-1, MAX_WRITES)
        """the last writes that one option sees"""

    def _swap(self, site: Site, option: int, swaps: Swaps) -> None:
        for index, change in enumerate(site.changes, option):
            if index - option not in site.idle:
                cells = swaps.cells(change)  # type: ignore[arg-type]
                self.swap_cells += cells
                self.swapped += [index] * len(cells)
