"""Shards: many graphs in one file, compact, self-describing, checksummed, read through a memory map.

Layout: MAGIC, length of the header (8 bytes, little endian), its SHA-256, the header as JSON, zeros up to a multiple of ALIGN,
then the body: arrays one after the other, each at a multiple of ALIGN.  The values of all graphs are concatenated; ``offsets``
says where each graph begins in each family.  Every array has the smallest integer type that holds it.  Some arrays are not
stored as a graph has them: ``relation``, which is sorted, as counts; pointers as lengths; ``texts`` as rows of one table; and
of ``cells`` (field, index, value, second) the first two columns as one number, ``index * 4 + field``.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..graph.labels import SCHEMA_HASH
from ..graph.schema import NULL, CodeGraph
from .header import (
    ALIGN,
    CELLS,
    FAMILIES,
    FORMAT,
    KINDS,
    MAGIC,
    OPTIONS,
    PERMUTATIONS,
    PLAIN,
    RELATIONS,
    SITES,
    TEXTS,
    ArrayEntry,
    DamagedShard,
    FunctionRecord,
    SchemaMismatch,
    ShardHeader,
)

Array = NDArray[Any]
_LISTED = ("relation_counts", "option_lengths", "cell_lengths", "texts", "packed_cells", *PLAIN)
_FIELD_BITS = 2


def smallest(array: Array) -> Array:
    """The same integers in the smallest type that holds them."""
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    for kind in (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32):
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return array.astype(kind)
    return array.astype(np.int64)


class ShardWriter:
    """Collects graphs in memory; ``close`` writes the file under a temporary name and renames it."""

    def __init__(self, path: Path, header: ShardHeader) -> None:
        self.path, self.header = path, header
        self._columns: dict[str, list[Array]] = {name: [] for name in _LISTED}
        self._bugs: list[int] = []
        self._sizes: list[list[int]] = []
        self._records: list[list[int]] = []
        self._digests: list[int] = []
        self._names: list[bytes] = []
        self._signatures: list[Array] = []

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()

    def write(self, graph: CodeGraph, record: FunctionRecord, signature: NDArray[np.uint16] | None = None) -> None:
        """Add a graph.  ``signature``: [PERMUTATIONS], for units that take part in the search for near duplicates."""
        if np.any(np.diff(graph.relation) < 0):
            raise ValueError(f"the edges of {record.name} are not sorted by relation")
        columns = self._columns
        for name in PLAIN:
            columns[name].append(getattr(graph, name))
        columns["relation_counts"].append(np.bincount(graph.relation, minlength=RELATIONS).reshape(1, RELATIONS))
        columns["option_lengths"].append(np.diff(graph.option_ptr))
        columns["cell_lengths"].append(np.diff(graph.cell_ptr))
        columns["texts"].append(graph.texts)
        self._bugs.append(graph.bug)
        first = graph.cells[:, 1] << _FIELD_BITS | graph.cells[:, 0]
        columns["packed_cells"].append(np.column_stack([first, graph.cells[:, 2:]]))
        counted = (graph.label, graph.source, graph.texts, graph.site_rule, graph.option_label, graph.cells)
        self._sizes.append([len(array) for array in counted])
        numbers = (record.file, record.first_row, record.last_row, record.window, record.tokens)
        self._records.append([KINDS.index(record.kind), *numbers])
        self._digests.append(record.digest)
        self._names.append(record.name.encode("utf-8", "surrogatepass"))
        self._signatures.append(np.zeros(PERMUTATIONS, np.uint16) if signature is None else signature)

    def close(self) -> None:
        """Write the shard.  Graphs cannot be added afterwards."""
        arrays = self._arrays()
        entries, blocks, at = [], [], 0
        for name, array in arrays.items():
            little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
            entries.append(ArrayEntry(name, little.dtype.str, little.shape, at))
            block = little.tobytes()
            blocks.append(block + bytes(-len(block) % ALIGN))
            at += len(blocks[-1])
        body = b"".join(blocks)
        self.header.graphs, self.header.arrays = len(self._records), entries
        self.header.body_bytes, self.header.body_sha256 = len(body), hashlib.sha256(body).hexdigest()
        head = msgspec.json.encode(self.header)
        front = MAGIC + len(head).to_bytes(8, "little") + hashlib.sha256(head).digest() + head
        temporary = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with temporary.open("wb") as file:
                file.write(front + bytes(-len(front) % ALIGN))
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _arrays(self) -> dict[str, Array]:
        offsets = np.zeros((len(self._records) + 1, FAMILIES), np.int64)
        if self._sizes:
            offsets[1:] = np.cumsum(np.array(self._sizes, np.int64), axis=0)
        arrays = {"offsets": smallest(offsets)}
        for name, parts in self._columns.items():
            arrays[name] = np.concatenate(parts) if parts else np.zeros(0, np.uint8)
        if self._sizes:
            arrays["text_table"], rows = np.unique(arrays.pop("texts"), axis=0, return_inverse=True)
            arrays["text_rows"] = rows.reshape(-1)
        else:
            arrays["text_table"], arrays["text_rows"] = arrays.pop("texts"), np.zeros(0, np.uint8)
        arrays = {name: smallest(array) for name, array in arrays.items()}
        arrays["records"] = np.array(self._records, np.uint32).reshape(-1, 6)
        if any(bug != NULL for bug in self._bugs):
            arrays["bugs"] = np.array(self._bugs, np.int32)
        arrays["digests"] = np.array(self._digests, np.uint64)
        arrays["signatures"] = np.array(self._signatures, np.uint16).reshape(-1, PERMUTATIONS)
        arrays["names"] = np.frombuffer(b"".join(self._names), np.uint8)
        arrays["name_ends"] = smallest(np.cumsum([0, *map(len, self._names)]))
        return arrays


class ShardReader:
    """A shard, mapped into memory; ``reader[i]`` is the i-th graph.

    Opening checks everything: it raises DamagedShard for a truncated or changed file and SchemaMismatch for a shard made for
    other vocabularies.  ``any_schema`` reads the header and the records of such a shard; its graphs would be meaningless.
    """

    def __init__(self, path: Path, any_schema: bool = False) -> None:
        self.path = path
        self.header, start = read_header(path)
        if self.header.schema_hash != SCHEMA_HASH and not any_schema:
            raise SchemaMismatch(
                f"{path}: made for graph schema {self.header.schema_hash[:12]}, but this version of BugLab has "
                f"{SCHEMA_HASH[:12]}; build the corpus again (`buglab corpus corpus=...`)"
            )
        with path.open("rb") as file:
            memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        body = memory[start : start + self.header.body_bytes]
        if len(body) != self.header.body_bytes or len(memory) != start + self.header.body_bytes:
            raise DamagedShard(f"{path}: {len(memory)} bytes long, {start + self.header.body_bytes} expected; {_REMEDY}")
        if hashlib.sha256(body).hexdigest() != self.header.body_sha256:
            raise DamagedShard(f"{path}: the content does not match its checksum; {_REMEDY}")
        self._arrays: dict[str, Array] = {}
        for entry in self.header.arrays:
            count = int(np.prod(entry.shape))
            array = np.frombuffer(body, np.dtype(entry.dtype), count, entry.offset) if count else np.zeros(0, entry.dtype)
            self._arrays[entry.name] = array.reshape(entry.shape)
        self._offsets = self._arrays["offsets"]
        self._plain = [(self._arrays[name], family) for name, family in PLAIN.items()]
        self._relations = np.arange(RELATIONS, dtype=np.int32)
        self._bugs = self._arrays.get("bugs")

    @property
    def sites(self) -> NDArray[np.int64]:
        """[num_graphs] how many sites each graph has."""
        ends = self._offsets[:, SITES].astype(np.int64)
        return ends[1:] - ends[:-1]

    def __len__(self) -> int:
        return self.header.graphs

    def __getitem__(self, index: int) -> CodeGraph:
        """The graph as int32 arrays (copies)."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.path.name} holds {len(self)} graphs, there is no number {index}")
        arrays = self._arrays
        low, high = self._offsets[index : index + 2].tolist()
        fields = {
            name: array[low[family] : high[family]].astype(np.int32)
            for name, (array, family) in zip(PLAIN, self._plain, strict=True)
        }
        texts = arrays["text_rows"][low[TEXTS] : high[TEXTS]]
        return CodeGraph(
            relation=self._relations.repeat(arrays["relation_counts"][index]),
            texts=arrays["text_table"][texts].astype(np.int32),
            option_ptr=_pointers(arrays["option_lengths"][low[SITES] : high[SITES]]),
            cell_ptr=_pointers(arrays["cell_lengths"][low[OPTIONS] : high[OPTIONS]]),
            cells=_unpacked(arrays["packed_cells"][low[CELLS] : high[CELLS]]),
            bug=NULL if self._bugs is None else int(self._bugs[index]),
            **fields,
        )

    def record(self, index: int) -> FunctionRecord:
        """Where graph ``index`` comes from."""
        kind, file, first, last, window, tokens = self._arrays["records"][index].tolist()
        start, end = self._arrays["name_ends"][index : index + 2].tolist()
        name = self._arrays["names"][start:end].tobytes().decode("utf-8", "surrogatepass")
        digest = int(self._arrays["digests"][index])
        return FunctionRecord(name, KINDS[kind], file, first, last, window, tokens, digest)

    def sizes(self) -> NDArray[np.int64]:
        """[num_graphs, 6]: nodes, edges, texts, sites, options, cells of every graph."""
        ends = self._offsets.astype(np.int64)
        return ends[1:] - ends[:-1]

    def column(self, name: str) -> Array:
        """A stored array as it is, for statistics (``digests``, ``signatures``, ``records``, ``site_rule``, ...)."""
        return self._arrays[name]


def finished(path: Path) -> bool:
    """Whether the shard is there and whole; one that is not is removed, to be made again."""
    if not path.is_file():
        return False
    try:
        ShardReader(path)
    except (DamagedShard, SchemaMismatch):
        path.unlink()
        return False
    return True


_REMEDY = "delete it and build the corpus again, which keeps all the other shards"


def read_header(path: Path) -> tuple[ShardHeader, int]:
    """The header, and where the body begins.  Raises DamagedShard; does not look at the body."""
    try:
        with path.open("rb") as file:
            front = file.read(len(MAGIC) + 40)
            if front[: len(MAGIC)] != MAGIC or len(front) < len(MAGIC) + 40:
                raise DamagedShard(f"{path}: not a BugLab shard; {_REMEDY}")
            length = int.from_bytes(front[len(MAGIC) : len(MAGIC) + 8], "little")
            head = file.read(length) if length < path.stat().st_size else b""
    except OSError as error:
        raise DamagedShard(f"{path}: cannot be read ({error.strerror}); {_REMEDY}") from error
    if hashlib.sha256(head).digest() != front[len(MAGIC) + 8 :]:
        raise DamagedShard(f"{path}: its header is damaged; {_REMEDY}")
    try:
        found = msgspec.json.decode(head, type=ShardHeader)
    except msgspec.ValidationError as error:
        raise SchemaMismatch(f"{path}: written by another version of BugLab ({error}); build the corpus again") from error
    if found.format != FORMAT:
        raise SchemaMismatch(f"{path}: shard format {found.format}, this version reads {FORMAT}; build the corpus again")
    end = len(front) + length
    return found, end + -end % ALIGN


def _unpacked(packed: Array) -> NDArray[np.int32]:
    """[num_cells, 3] -> field, index, value, second [num_cells, 4]."""
    cells = np.empty((len(packed), 4), np.int32)
    cells[:, 0] = packed[:, 0] & (1 << _FIELD_BITS) - 1
    cells[:, 1] = packed[:, 0] >> _FIELD_BITS
    cells[:, 2:] = packed[:, 1:]
    return cells


def _pointers(lengths: Array) -> NDArray[np.int32]:
    """Lengths [n] -> where each begins and the last one ends [n + 1]."""
    pointers = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=pointers[1:])
    return pointers
