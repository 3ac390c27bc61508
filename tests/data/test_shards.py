from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from buglab.data.functions import functions
from buglab.data.header import DamagedShard, FileEntry, FunctionRecord, Project, SchemaMismatch, ShardHeader
from buglab.data.heldout import Guard
from buglab.data.shards import ShardReader, ShardWriter, read_header, smallest
from buglab.graph.labels import RULES, SCHEMA_HASH
from buglab.graph.schema import ARRAYS, CodeGraph

from .conftest import MODULES, STDLIB

Items = list[tuple[CodeGraph, FunctionRecord, np.ndarray | None]]


def header(schema_hash: str = SCHEMA_HASH) -> ShardHeader:
    return ShardHeader(
        key="0",
        split="train",
        schema_hash=schema_hash,
        extractor="1",
        libcst="1",
        python="3",
        rules=list(RULES),
        projects=[Project("cpython", "3", "PSF-2.0")],
        files=[FileEntry(0, path) for path in MODULES],
    )


@pytest.fixture(scope="module")
def items(guard: Guard) -> Items:
    return [
        item
        for number, path in enumerate(MODULES)
        for item in functions((STDLIB / path).read_bytes(), number, guard, node_limit=300).graphs
    ]


@pytest.fixture
def path(tmp_path: Path, items: Items) -> Path:
    with ShardWriter(tmp_path / "a.shard", header()) as writer:
        for graph, record, signature in items:
            writer.write(graph, record, signature)
    return tmp_path / "a.shard"


def test_what_is_read_is_what_was_written(path: Path, items: Items) -> None:
    shard = ShardReader(path)
    assert len(shard) == len(items) > 80
    assert any(record.window for _, record, _ in items)
    for index, (graph, record, signature) in enumerate(items):
        found = shard[index]
        for name in ARRAYS:
            written, read = getattr(graph, name), getattr(found, name)
            assert read.dtype == np.int32
            np.testing.assert_array_equal(read, written, err_msg=f"{name} of {record.name}")
        assert shard.record(index) == record
        if signature is not None:
            np.testing.assert_array_equal(shard.column("signatures")[index], signature)
    with pytest.raises(IndexError):
        shard[len(shard)]


def test_it_describes_itself(path: Path) -> None:
    found, _ = read_header(path)
    assert (found.schema_hash, found.rules, found.projects[0].licence) == (SCHEMA_HASH, list(RULES), "PSF-2.0")
    assert found.files[4] == FileEntry(0, "json/decoder.py")


def test_nothing_is_left_of_a_writer_that_failed(tmp_path: Path, items: Items) -> None:
    def interrupted() -> None:
        with ShardWriter(tmp_path / "a.shard", header()) as writer:
            writer.write(*items[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


def test_an_empty_shard_can_be_read(tmp_path: Path) -> None:
    ShardWriter(tmp_path / "empty.shard", header()).close()
    assert len(ShardReader(tmp_path / "empty.shard")) == 0


def test_every_truncation_is_refused(path: Path) -> None:
    data = path.read_bytes()
    for length in [0, 5, 20, 47, 100, len(data) // 2, len(data) - 1]:
        path.write_bytes(data[:length])
        with pytest.raises(DamagedShard, match=r"a\.shard"):
            ShardReader(path)


def test_every_changed_byte_is_noticed(path: Path) -> None:
    data = path.read_bytes()
    _, body = read_header(path)
    padding = range(data.rindex(b"}", 0, body) + 1, body)
    for at in [*range(0, 60, 3), *range(60, len(data), 9973), len(data) - 1]:
        if at in padding:
            continue
        path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        with pytest.raises(DamagedShard, match="build the corpus again"):
            ShardReader(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.shard").write_text("print('a program')\n" * 10)
    with pytest.raises(DamagedShard, match="not a BugLab shard"):
        ShardReader(tmp_path / "a.shard")
    with pytest.raises(DamagedShard, match="cannot be read"):
        ShardReader(tmp_path / "missing.shard")


def test_another_schema_is_refused(tmp_path: Path, items: Items) -> None:
    with ShardWriter(tmp_path / "a.shard", header("0" * 64)) as writer:
        writer.write(*items[0])
    with pytest.raises(SchemaMismatch, match=r"000000000000.*build the corpus again"):
        ShardReader(tmp_path / "a.shard")
    assert ShardReader(tmp_path / "a.shard", any_schema=True).record(0) == items[0][1]


def test_another_format_is_refused(tmp_path: Path) -> None:
    changed = header()
    changed.format = 99
    ShardWriter(tmp_path / "a.shard", changed).close()
    with pytest.raises(SchemaMismatch, match="format 99"):
        ShardReader(tmp_path / "a.shard")


def test_unsorted_edges_are_an_error(tmp_path: Path, items: Items) -> None:
    graph = items[0][0]
    writer = ShardWriter(tmp_path / "a.shard", header())
    with pytest.raises(ValueError, match="not sorted"):
        writer.write(replace(graph, relation=graph.relation[::-1].copy()), items[0][1])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 255], "uint8"),
        ([-1, 127], "int8"),
        ([-1, 255], "int16"),
        ([0, 65535], "uint16"),
        ([-1, 65535], "int32"),
        ([], "uint8"),
    ],
)
def test_smallest_types(values: list[int], kind: str) -> None:
    array = np.array(values, np.int64)
    assert smallest(array).dtype == kind
    np.testing.assert_array_equal(smallest(array), array)


def test_headers_are_plain_json(path: Path) -> None:
    data = path.read_bytes()
    length = int.from_bytes(data[8:16], "little")
    assert msgspec.json.decode(data[48 : 48 + length])["graphs"] == len(ShardReader(path))
