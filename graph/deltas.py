"""What changes in the arrays of a graph when a choice moves: the cells of every option."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .choices import RELABEL, RENAME, Choices
from .columns import either, offsets
from .flow import MAX_WRITES
from .schema import NULL, Field, Int, Relation

if TYPE_CHECKING:
    from .assembly import Assembly

Rows = NDArray[np.intp]
"""rows of options"""
Column = tuple[NDArray[np.bool_], Field, Int, Int, Int | int]
"""where there is such a cell, and what it holds"""


class Deltas:
    """The cells of the options of all units, for the nodes and edges that are made."""

    def __init__(self, made: Assembly, choices: Choices) -> None:
        self.made, self.choices = made, choices
        moving = ~choices.idle
        found = [
            self._relabels(np.flatnonzero((choices.option_kind == RELABEL) & moving)),
            self._renames(np.flatnonzero((choices.option_kind == RENAME) & moving)),
            (np.array(choices.swapped, np.intp), np.array(choices.swap_cells, np.int32).reshape(-1, 4)),
        ]
        option = np.concatenate([option for option, _ in found])
        self.cells = np.concatenate([cells for _, cells in found]).take(np.argsort(option, kind="stable"), axis=0)
        self.cell_ptr = offsets(np.bincount(option, minlength=len(choices.idle)))
        """[options + 1]"""

    def _relabels(self, option: Rows) -> tuple[Rows, Int]:
        """Another operator, literal, attribute or filler of a slot."""
        choices = self.choices
        token, label, text = choices.token[option], choices.option_label[option], choices.option_text[option]
        node = choices.base[option] + token
        return _interleaved(
            option,
            [
                (label != self.made.label[node], Field.LABEL, token, label, 0),
                (text != self.made.text[node], Field.TEXT, token, text, 0),
            ],
        )

    def _renames(self, option: Rows) -> tuple[Rows, Int]:
        """A token leaves the chain of its symbol for that of another, and sees the writes of that one."""
        made, choices = self.made, self.choices
        unit, site, token = choices.unit[option], choices.site[option], choices.token[option]
        base, node, text = choices.base[option], choices.option_node[option], choices.option_text[option]
        at = made.slot[base + token]
        mine = made.token_ptr[unit] + at
        left, previous, following = made.occurs[mine], made.chains.previous[mine], made.chains.following[mine]
        occurs = made.offset[unit, Relation.OCCURRENCE] + at
        first_use = made.offset[unit, Relation.LAST_USE]
        before, behind = made.chains.around(base + node, token)
        always = np.ones(len(option), bool)
        cells: list[Column] = [
            (always, Field.TEXT, token, text, 0),
            (always, Field.EDGE, occurs, token, node),
            (following != NULL, Field.EDGE, first_use + made.slot[base + following], following, either(previous, left)),
            (always, Field.EDGE, first_use + at, token, either(before, node)),
            (behind != NULL, Field.EDGE, first_use + made.slot[base + behind], behind, token),
        ]
        place, step, slot = choices.reach[site].T
        slot += made.offset[unit, Relation.LAST_WRITE]
        written = choices.reaching[place + step * choices.chosen[site]]
        theirs = choices.reaching[place + step * (option - choices.option_ptr[site])]
        for at in range(MAX_WRITES):
            old, new = written[:, at], theirs[:, at]
            cells.append((old != new, Field.EDGE, slot + at, np.where(new == NULL, NULL, token), new))
        return _interleaved(option, cells)


def _interleaved(option: Rows, columns: list[Column]) -> tuple[Rows, Int]:
    """The cells of each option together, in the order of the columns: their options and themselves."""
    there = np.empty((len(option), len(columns)), bool)
    cells = np.empty((len(option), len(columns), 4), np.int32)
    for at, (where, field, index, first, second) in enumerate(columns):
        there[:, at] = where
        cells[:, at, 0], cells[:, at, 1], cells[:, at, 2], cells[:, at, 3] = field, index, first, second
    found = np.flatnonzero(there)
    return option[found // len(columns)], cells.reshape(-1, 4).take(found, axis=0)
