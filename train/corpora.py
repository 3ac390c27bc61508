"""The corpora of a run: opened, or built first where that was asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..data.config import CorpusConfig
from ..data.corpus import BuildStopped
from ..data.corpus import build as build_corpus
from ..data.dataset import Corpus, GraphStream, Position, Split
from ..data.header import DamagedShard, SchemaMismatch
from ..data.home import home
from ..data.manifest import MANIFEST
from .errors import TrainError


@dataclass
class Corpora:
    """Opened corpora, which all have been checked."""

    folders: list[Path]
    opened: list[Corpus]

    @staticmethod
    def build_missing(config: CorpusConfig, wanted: bool) -> None:
        """Build the configured corpus if that is wanted and it is not there.  Raises TrainError."""
        if wanted and not (config.folder() / MANIFEST).exists():
            build(config)

    @staticmethod
    def open(config: CorpusConfig, more: list[str]) -> Corpora:
        """Open the configured corpus, and ``more``: names of other corpora or their folders.  Raises TrainError."""
        return Corpora._of(Corpora.folders_of(config, more))

    @staticmethod
    def folders_of(config: CorpusConfig, more: list[str]) -> list[Path]:
        """Where the configured corpus lies, and ``more``."""
        return [config.folder(), *map(_folder, more)]

    @staticmethod
    def named(names: list[str]) -> Corpora:
        """Open corpora by name or folder.  Raises TrainError."""
        return Corpora._of([_folder(name) for name in names])

    @staticmethod
    def _of(folders: list[Path]) -> Corpora:
        try:
            return Corpora(folders, [Corpus(folder) for folder in folders])
        except (DamagedShard, SchemaMismatch, FileNotFoundError) as error:
            raise TrainError(str(error)) from error

    @property
    def data_hash(self) -> str:
        """Identifies the data; a checkpoint stores it and is not continued on other data."""
        return hashlib.sha256("".join(corpus.manifest.data_hash for corpus in self.opened).encode()).hexdigest()

    def split(self, name: str) -> Split:
        return Split(self.opened, name)

    def stream(
        self,
        seed: int,
        position: Position,
        rank: int = 0,
        world: int = 1,
        by_sites: float = 0.0,
        more_share: float = 0.0,
    ) -> GraphStream:
        """The endless training order from ``position`` on, of which each of ``world`` processes takes its part."""
        try:
            return GraphStream(self.folders, "train", seed, position, rank, world, by_sites, more_share)
        except ValueError as error:
            raise TrainError(str(error)) from error


def build(config: CorpusConfig) -> None:
    """Build a corpus; what stops it is a sentence (TrainError)."""
    try:
        build_corpus(config)
    except (BuildStopped, DamagedShard, SchemaMismatch, OSError, ValueError) as error:
        raise TrainError(str(error)) from error


def _folder(name: str) -> Path:
    known = home() / "corpora" / name
    return known if known.exists() else Path(name).expanduser()
