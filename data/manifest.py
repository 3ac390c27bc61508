"""What makes a folder of shards a corpus: their order, and which of their graphs are kept."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..graph.labels import SCHEMA_HASH
from .header import FORMAT

MANIFEST, KEPT = "corpus.json", "kept.npy"


class Manifest(msgspec.Struct, kw_only=True):
    """``corpus.json``: the shards of a corpus in their order, and the hash of the list of graphs that are kept."""

    name: str
    schema_hash: str
    shards: list[str]
    kept_sha256: str
    """of ``kept.npy``: [num_graphs, 2] shard, row"""
    format: int = FORMAT

    @property
    def data_hash(self) -> str:
        """Identifies the content (shards are named after what they were made from)."""
        return hashlib.sha256("\n".join([*self.shards, self.kept_sha256]).encode()).hexdigest()


def publish(folder: Path, name: str, shards: list[str], kept: NDArray[np.int64]) -> None:
    """Write the list of kept graphs, then the manifest, which makes the corpus complete; remove shards of earlier plans.

    Raises OSError; what stood there before then still stands.
    """
    buffer = io.BytesIO()
    np.save(buffer, kept.astype(np.int64), allow_pickle=False)
    rows = buffer.getvalue()
    manifest = Manifest(name=name, schema_hash=SCHEMA_HASH, shards=shards, kept_sha256=hashlib.sha256(rows).hexdigest())
    for target, content in ((folder / KEPT, rows), (folder / MANIFEST, msgspec.json.encode(manifest))):
        temporary = target.with_name(f".{target.name}.tmp")
        try:
            temporary.write_bytes(content)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        temporary.replace(target)
    for path in [*folder.glob("*.shard"), *folder.glob(".*.tmp")]:
        if path.name not in shards:
            path.unlink()
