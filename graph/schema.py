"""What a program graph is made of: label, role, relation and cell vocabularies, and the arrays that hold one unit.

Every vocabulary is closed and ordered; ``SCHEMA_HASH`` covers all of them and is stored in shards, checkpoints and exported
models, so that arrays never meet a network that was trained on another meaning of the same integers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

SUBTOKENS = 5
"""Subtokens kept per text."""

BUCKETS = 16384
"""Subtoken ids are hashes into this many buckets; 0 is padding."""

NULL = -1
"""Both ends of an edge slot that holds no edge in this choice of options."""


class Relation(IntEnum):
    """Edge families.  Networks also pass messages against each edge, as relation ``r + len(Relation)``."""

    CHILD = 0
    NEXT_TOKEN = 1
    NEXT_STATEMENT = 2
    OCCURRENCE = 3
    LAST_USE = 4
    LAST_WRITE = 5
    COMPUTED_FROM = 6
    RETURNS = 7
    FORMAL = 8
    GUARD = 9
    GUARD_ELSE = 10
    LEFT_OPERAND = 11
    RIGHT_OPERAND = 12
    CALLEE = 13
    """a call -> what is known of the function it calls, whose children are parameters"""
    MEMBER = 14
    """the class around a method -> its methods and attributes"""


class Field(IntEnum):
    """What a delta cell writes."""

    LABEL = 0
    """node, label"""
    TEXT = 1
    """node, row of ``texts``"""
    ROLE = 2
    """node, role"""
    EDGE = 3
    """edge slot, source, target"""


Int = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CodeGraph:
    """One unit (function, class body or module body, or a window of one) as int32 arrays.

    Options of all sites are stored in one list; ``option_ptr`` delimits each site's.  The cells of an option, taken relative to
    the code as written, are ``cells[cell_ptr[o]:cell_ptr[o + 1]]``; the option that is selected as written has none.
    """

    label: Int
    """[num_nodes] in LABELS"""
    role: Int
    """[num_nodes] in ROLES: the field of its parent that the node fills"""
    text: Int
    """[num_nodes] row of ``texts``; row 0 is the empty text"""
    texts: Int
    """[num_texts, SUBTOKENS] in [0, BUCKETS), 0 = padding"""
    relation: Int
    """[num_edges] in Relation; sorted"""
    source: Int
    """[num_edges] node or NULL"""
    target: Int
    """[num_edges] node or NULL"""
    site_rule: Int
    """[num_sites] in the schema's RULES"""
    site_node: Int
    """[num_sites, 3] the site's node, and for swaps the two exchanged nodes (else NULL)"""
    chosen: Int
    """[num_sites] index within the site's options of the one written"""
    option_ptr: Int
    """[num_sites + 1]"""
    option_label: Int
    """[num_options] label the site's node has under this option"""
    option_text: Int
    """[num_options] row of ``texts`` under this option"""
    option_node: Int
    """[num_options] the symbol node this option refers to, or NULL"""
    cell_ptr: Int
    """[num_options + 1]"""
    cells: Int
    """[num_cells, 4] Field, index, value, second value"""
    bug: int = NULL
    """option that really stood here until a commit repaired it; NULL where none is known"""

    @property
    def num_nodes(self) -> int:
        return len(self.label)

    @property
    def num_edges(self) -> int:
        return len(self.relation)

    @property
    def num_sites(self) -> int:
        return len(self.site_rule)

    @property
    def num_options(self) -> int:
        return len(self.option_label)


ARRAYS = tuple(f.name for f in fields(CodeGraph) if f.name != "bug")
"""The arrays of a CodeGraph, in the order in which shards store them."""
