"""Corpora as training reads them: splits of graphs, and an endless shuffled stream that resumes where it stopped."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..graph.labels import SCHEMA_HASH
from ..graph.schema import CodeGraph
from .header import DamagedShard, FunctionRecord, Project, SchemaMismatch
from .manifest import KEPT, MANIFEST, Manifest
from .shards import ShardReader


class Corpus:
    """A built corpus.

    Opening checks every shard; raises DamagedShard, SchemaMismatch, or FileNotFoundError where there is no finished corpus.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / MANIFEST
        if not path.is_file():
            raise FileNotFoundError(f"{folder}: no finished corpus; `buglab corpus corpus=...` builds one or finishes it")
        try:
            self.manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        except msgspec.DecodeError as error:
            raise DamagedShard(f"{path}: not the list of a corpus's shards ({error}); build the corpus again") from error
        if self.manifest.schema_hash != SCHEMA_HASH:
            raise SchemaMismatch(
                f"{folder}: made for graph schema {self.manifest.schema_hash[:12]}, but this version of BugLab has "
                f"{SCHEMA_HASH[:12]}; build the corpus again"
            )
        kept = folder / KEPT
        if not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest() != self.manifest.kept_sha256:
            raise DamagedShard(f"{kept}: missing or changed; build the corpus again, which keeps the shards")
        self.folder = folder
        self._kept: NDArray[np.int64] = np.load(kept, allow_pickle=False)
        self.shards = [self._open(name) for name in self.manifest.shards]
        require_same_versions(self.shards)

    def _open(self, name: str) -> ShardReader:
        if not (self.folder / name).is_file():
            raise DamagedShard(f"{self.folder / name}: missing; build the corpus again, which keeps the other shards")
        return ShardReader(self.folder / name)

    def split(self, split: str) -> Split:
        """The graphs of ``train``, ``valid`` or ``test``, in the corpus's order."""
        return Split([self], split)

    def rows(self, split: str) -> NDArray[np.int64]:
        """[num_graphs, 2]: shard, row of what ``split`` keeps."""
        wanted = np.array([shard.header.split == split for shard in self.shards], bool)
        return self._kept[wanted[self._kept[:, 0]]] if len(wanted) else self._kept

    def digests(self, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        """[num_graphs]: the content hashes of rows as ``rows`` lists them."""
        every = np.concatenate([shard.column("digests") for shard in self.shards]) if self.shards else np.zeros(0, np.uint64)
        return every[self.positions(rows)]

    def positions(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """[num_graphs]: where rows as ``rows`` lists them stand, if all shards are put one after the other."""
        begins: NDArray[np.int64] = np.cumsum([0, *map(len, self.shards)])
        return begins[rows[:, 0]] + rows[:, 1]


def require_same_versions(shards: Sequence[ShardReader]) -> None:
    """Raise SchemaMismatch unless all shards were made by the same extractor and LibCST."""
    made = {(shard.header.extractor, shard.header.libcst): shard.path for shard in shards}
    if len(made) > 1:
        listed = "; ".join(f"{path} by extractor {extractor}, LibCST {libcst}" for (extractor, libcst), path in made.items())
        raise SchemaMismatch(f"shards of different making cannot be mixed ({listed}); build the older corpus again")


class Split(Sequence[CodeGraph]):
    """One split of one or several corpora; a unit that stands in two corpora is taken from the last."""

    def __init__(self, corpora: Sequence[Corpus], split: str) -> None:
        self.name = split
        self._corpora = corpora
        self._rows: list[NDArray[np.int64]] = []
        seen = np.zeros(0, np.uint64)
        for corpus in reversed(corpora):
            rows = corpus.rows(split)
            if len(corpora) > 1:
                digests = corpus.digests(rows)
                rows = rows[~np.isin(digests, seen)]
                seen = np.concatenate([seen, digests])
            self._rows.insert(0, rows)
        self._ends = np.cumsum([len(rows) for rows in self._rows]).tolist()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _locate(self, index: int) -> tuple[ShardReader, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"split {self.name!r} has {len(self)} graphs, there is no number {index}")
        which = bisect.bisect_right(self._ends, index)
        before = self._ends[which - 1] if which else 0
        shard, row = self._rows[which][index - before].tolist()
        return self._corpora[which].shards[shard], row

    def __getitem__(self, index: int) -> CodeGraph:  # type: ignore[override]  # no slices
        shard, row = self._locate(index)
        return shard[row]

    @property
    def sizes(self) -> list[int]:
        """How many graphs come from each corpus."""
        return [len(rows) for rows in self._rows]

    def sites(self) -> NDArray[np.int64]:
        """[num_graphs] the places where each has something to rewrite."""
        counts = [
            np.concatenate([shard.sites for shard in corpus.shards])[corpus.positions(rows)]
            for corpus, rows in zip(self._corpora, self._rows, strict=True)
        ]
        return np.concatenate(counts)

    def record(self, index: int) -> FunctionRecord:
        """Which piece of which file graph ``index`` shows."""
        shard, row = self._locate(index)
        return shard.record(row)

    def provenance(self, index: int) -> tuple[Project, str]:
        """Project and path of the file that graph ``index`` comes from."""
        shard, row = self._locate(index)
        entry = shard.header.files[shard.record(row).file]
        return shard.header.projects[entry.project], entry.path


class Position(msgspec.Struct, frozen=True):
    """Where a stream stands: what a checkpoint stores."""

    epoch: int = 0
    index: int = 0
    """graphs of this epoch that were taken already"""


class GraphStream:
    """Endless iteration over a split in a new order every epoch, which only depends on ``seed`` and the epoch's number.

    Functions are drawn in proportion to the number of their sites to the power of ``by_sites``: with 0 an epoch is a
    permutation; with 1 every place where a bug can be is as likely as any other.  ``more_share`` of the draws come from the
    corpora behind the first, where it is not 0.  ``shards`` are folders of corpora.  Save ``stream.position`` and pass it in
    again to continue with the very next graph.  With several replicas, each takes every ``world``-th graph beginning at its
    ``rank``.
    """

    def __init__(
        self,
        shards: Path | Sequence[Path],
        split: str = "train",
        seed: int = 0,
        position: Position = Position(),  # noqa: B008  # frozen
        rank: int = 0,
        world: int = 1,
        by_sites: float = 0.0,
        more_share: float = 0.0,
    ) -> None:
        folders = [shards] if isinstance(shards, Path) else list(shards)
        self.corpora = [Corpus(folder) for folder in folders]
        require_same_versions([shard for corpus in self.corpora for shard in corpus.shards])
        self.graphs = Split(self.corpora, split)
        if len(self.graphs) < world:
            where = ", ".join(map(str, folders))
            raise ValueError(f"split {split!r} of {where} has {len(self.graphs)} graphs, at least {world} are needed")
        self.seed, self.rank, self.world = seed, rank, world
        self.position = position
        self._shares: NDArray[np.float64] | None = None
        if by_sites or more_share:
            weight = self.graphs.sites().astype(np.float64) ** by_sites
            if more_share:
                first, more = np.split(weight, self.graphs.sizes[:1])
                if not (0 < more_share < 1 and len(first) and len(more)):
                    raise ValueError(f"more_share is {more_share}: it must lie between 0 and 1, with functions in more_corpora")
                weight = np.concatenate([(1 - more_share) * first / first.sum(), more_share * more / more.sum()])
            self._shares = np.cumsum(weight) / weight.sum()

    @property
    def data_hash(self) -> str:
        """Identifies the data; a checkpoint stores it and refuses to resume on other data."""
        return hashlib.sha256("".join(corpus.manifest.data_hash for corpus in self.corpora).encode()).hexdigest()

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Whom ``epoch`` takes: [num_graphs]."""
        dice, count = np.random.default_rng([self.seed, epoch]), len(self.graphs)
        if self._shares is None:
            return dice.permutation(count)
        evenly = (np.arange(count) + dice.random()) / count  # nobody is taken more than one time off the expected number
        return dice.permutation(np.searchsorted(self._shares, evenly, side="right").clip(max=count - 1))

    def __len__(self) -> int:
        """Graphs in one epoch, of all replicas together; what is left over by ``world`` is not counted."""
        return len(self.graphs) // self.world * self.world

    def __iter__(self) -> Iterator[CodeGraph]:
        while True:
            order = self.order(self.position.epoch)
            while self.position.index < len(self):
                graph = self.graphs[int(order[self.position.index + self.rank])]
                self.position = Position(self.position.epoch, self.position.index + self.world)
                yield graph
            self.position = Position(self.position.epoch + 1, 0)
