"""Which graphs of a corpus are kept: no copies of held-out code; of equal or nearly equal units only the first.

Splits that judge go first, so that what training sees is never a copy of what it is judged on; otherwise shards go in order.
A rewritten copy belongs to its original: it is kept where that one is.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from .filters import HELD_OUT
from .header import PERMUTATIONS
from .heldout import Guard
from .shards import ShardReader

_WEIGHTS = (0.1, 0.9)
"""Cost of false candidates (they are checked, so small) and of missed ones."""

PRECEDENCE = {"test": 0, "valid": 1, "train": 2}


@dataclass
class Kept:
    """The result: which rows of which shard stay, and what was removed."""

    rows: list[NDArray[np.int64]]
    """per shard, ascending"""
    removed: Counter[str] = field(default_factory=Counter)


def deduplicate(shards: Sequence[ShardReader], guard: Guard, near: bool, similarity: float) -> Kept:
    """Go through all units; all windows of a unit share its fate.

    The guard has had its say when the shards were made, but its fingerprints may have become more since.
    """
    order = sorted(range(len(shards)), key=lambda i: (PRECEDENCE[shards[i].header.split], i))
    kept: list[list[int]] = [[] for _ in shards]
    removed: Counter[str] = Counter()
    digests: set[int] = set()
    index = NearIndex(similarity) if near else None
    for number in order:
        shard = shards[number]
        sieve = _Sieve(kept[number], removed)
        records, signatures, copies = shard.column("records"), shard.column("signatures"), _copies(shard, guard)
        for row, (digest, window) in enumerate(zip(shard.column("digests").tolist(), records[:, 4].tolist(), strict=True)):
            if shard.header.copies and records[row, 1] in shard.header.copies:
                continue
            if sieve.decides(digest, window):
                if copies[row]:
                    sieve.reason = HELD_OUT
                elif digest in digests:
                    sieve.reason = "exact duplicates"
                elif index and signatures[row].any() and index.seen(signatures[row]):
                    sieve.reason = "near duplicates"
                else:
                    digests.add(digest)
            sieve.put(row)
    for number in order:
        _add_rewritten(shards[number], kept[number], digests, removed)
    return Kept([np.array(sorted(rows), np.int64) for rows in kept], removed)


@dataclass
class _Sieve:
    """Keeps or drops the graphs of a shard in turn; all windows of a unit share its fate."""

    kept: list[int]
    removed: Counter[str]
    reason: str = ""
    """why the unit at hand goes; empty if it stays"""
    _digest: int = -1

    def decides(self, digest: int, window: int) -> bool:
        """Whether a unit begins, about which nothing is decided yet."""
        if window and digest == self._digest:
            return False
        self._digest, self.reason = digest, ""
        return True

    def put(self, row: int) -> None:
        if self.reason:
            self.removed[self.reason] += 1
        else:
            self.kept.append(row)


def _add_rewritten(shard: ShardReader, kept: list[int], digests: set[int], removed: Counter[str]) -> None:
    """Keep the rewritten copies of what is kept, but for those that are equal to something else; they come last of all."""
    if not (original_of := shard.header.copies):
        return
    records = shard.column("records").tolist()
    units = {(file, kind, first, last) for kind, file, first, last, *_ in (records[row] for row in kept)}
    sieve = _Sieve(kept, removed)
    for row, (digest, record) in enumerate(zip(shard.column("digests").tolist(), records, strict=True)):
        kind, file, first, last, window, _ = record
        if file not in original_of:
            continue
        if sieve.decides(digest, window):
            if (original_of[file], kind, first, last) not in units:
                sieve.reason = "rewritten copies of what is left out"
            elif digest in digests:
                sieve.reason = "exact duplicates"
            else:
                digests.add(digest)
        sieve.put(row)


def _copies(shard: ShardReader, guard: Guard) -> list[bool]:
    """Per graph, whether it is a copy of held-out code."""
    known: list[bool] = []
    for _, group in itertools.groupby(map(shard.record, range(len(shard))), key=lambda record: record.file):
        known += guard.knows([(record.kind, record.tokens, record.digest) for record in group])
    return known


class NearIndex:
    """The signatures seen so far, found again by locality-sensitive hashing."""

    def __init__(self, similarity: float) -> None:
        self.similarity = similarity
        self._buckets = MinHashLSH(threshold=similarity, num_perm=PERMUTATIONS, weights=_WEIGHTS)
        self._signatures: list[NDArray[np.uint16]] = []
        self._sketch = MinHash(num_perm=PERMUTATIONS)

    def seen(self, signature: NDArray[np.uint16]) -> bool:
        """Whether a near duplicate was seen; if not, ``signature`` is remembered."""
        self._sketch.hashvalues = signature.astype(self._sketch.hashvalues.dtype)
        for candidate in self._buckets.query(self._sketch):
            if np.mean(self._signatures[candidate] == signature) >= self.similarity:
                return True
        self._buckets.insert(len(self._signatures), self._sketch)
        self._signatures.append(signature)
        return False
