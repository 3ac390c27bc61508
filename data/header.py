"""What a shard says about itself, and how its arrays are laid out."""

from __future__ import annotations

import msgspec

from ..graph.schema import Relation

FORMAT = 2
MAGIC = b"BUGLAB\x01\n"
ALIGN = 64
PERMUTATIONS = 64
"""Values in the MinHash signature of a unit."""
KINDS = ("function", "class", "module")

NODES, EDGES, TEXTS, SITES, OPTIONS, CELLS = range(6)
"""Families: arrays of one family have one row per node, edge, ... of a graph, and share their offsets."""
FAMILIES = 6
RELATIONS = len(Relation)

PLAIN = {
    "label": NODES,
    "role": NODES,
    "text": NODES,
    "source": EDGES,
    "target": EDGES,
    "site_rule": SITES,
    "site_node": SITES,
    "chosen": SITES,
    "option_label": OPTIONS,
    "option_text": OPTIONS,
    "option_node": OPTIONS,
}
"""The arrays of a CodeGraph that are stored as they are, and their families."""


class DamagedShard(Exception):
    """The file is not a complete and unchanged shard."""


class SchemaMismatch(Exception):
    """The file is intact but was made for other vocabularies than this version's."""


class Project(msgspec.Struct, frozen=True):
    """Where code came from."""

    name: str
    version: str
    licence: str
    origin: str = ""
    """address and commit, or hash of the archive, as far as it is known"""


class FileEntry(msgspec.Struct, frozen=True):
    project: int
    """index in the header's projects"""
    path: str
    licence: str = ""
    """where the file states its own (SPDX); empty: the project's"""


class ArrayEntry(msgspec.Struct, frozen=True):
    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    """bytes from the beginning of the body"""


class ShardHeader(msgspec.Struct, kw_only=True):
    """The JSON at the beginning of a shard.  The writer fills in what stands below ``failures``."""

    key: str
    """identifies the sources and the settings that the shard was made from"""
    split: str
    schema_hash: str
    extractor: str
    libcst: str
    python: str
    rules: list[str]
    projects: list[Project]
    files: list[FileEntry]
    copies: dict[int, int] = {}
    """index of a file that is a rewritten copy -> index of its original in ``files``, where its records' rows are"""
    counts: dict[str, int] = {}
    failures: list[tuple[str, str]] = []
    """(file, reason), a few of each kind"""
    format: int = FORMAT
    graphs: int = 0
    arrays: list[ArrayEntry] = []
    body_bytes: int = 0
    body_sha256: str = ""


class FunctionRecord(msgspec.Struct, frozen=True):
    """Which piece of which file a graph shows."""

    name: str
    """qualified name of the unit"""
    kind: str
    """one of KINDS"""
    file: int
    """index in the header's files"""
    first_row: int
    last_row: int
    window: int
    """0 for a unit's first or only window"""
    tokens: int
    """normalised tokens of the unit"""
    digest: int
    """hash of them"""
