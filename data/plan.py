"""How a corpus is cut into shards, so that a build can be spread over processes, stopped, and taken up again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import msgspec

from ..graph.build import EXTRACTOR_VERSION
from ..graph.labels import SCHEMA_HASH
from .augmentation import MAKING
from .code_file import CodeFile
from .config import SPLITS, CorpusConfig
from .header import FORMAT, Project
from .modules import stamp
from .sources import Source


@dataclass(frozen=True)
class ShardTask:
    """One shard to make: a pure function of what stands here and of the versions in ``key``."""

    key: str
    """hash of the sources' names, sizes and stamps, the settings, the vocabularies and the versions"""
    split: str
    projects: list[Project]
    files: list[tuple[int, CodeFile]]
    """(index in projects, file)"""
    node_limit: int
    modules: dict[int, list[CodeFile]]
    """index in projects -> all files of that source, which its imports may reach"""
    versions: dict[str, str]
    """what the one who makes it must have; see ``versions``"""
    copies: int = 0
    """rewritten copies of every file"""

    @property
    def name(self) -> str:
        return f"{self.split}-{self.key[:16]}.shard"

    @property
    def size(self) -> int:
        """Bytes of source text."""
        return sum(file.size for _, file in self.files)


def versions() -> dict[str, str]:
    """What besides the source text decides what the arrays are."""
    return {
        "schema_hash": SCHEMA_HASH,
        "extractor": EXTRACTOR_VERSION,
        "libcst": version("libcst"),
        "python": platform.python_version(),
    }


def plan(sources: Sequence[Source], config: CorpusConfig) -> list[ShardTask]:
    """Cut the files of all sources into shards of about ``shard_bytes`` of text; a shard belongs to one split."""
    tasks = []
    whole = {source.project: source.files for source in sources}
    for split in SPLITS:
        batch: list[tuple[Project, CodeFile]] = []
        size = 0
        for source in sources:
            for file in source.files:
                if config.split_of(source.project.name, file.path) != split:
                    continue
                batch.append((source.project, file))
                size += file.size
                if size >= config.shard_bytes:
                    tasks.append(_task(batch, split, config, whole))
                    batch, size = [], 0
        if batch:
            tasks.append(_task(batch, split, config, whole))
    return tasks


def _task(
    batch: list[tuple[Project, CodeFile]], split: str, config: CorpusConfig, whole: Mapping[Project, list[CodeFile]]
) -> ShardTask:
    projects = list(dict.fromkeys(project for project, _ in batch))
    number = {project: index for index, project in enumerate(projects)}
    listed = [(project, file.path, file.size, file.stamp) for project, file in batch]
    made = versions()
    stamps = [stamp(whole[project]) for project in projects]
    parts = [FORMAT, split, sorted(made.items()), config.node_limit, listed, stamps]
    copies = config.augment if split == "train" else 0
    if copies:
        parts.append([copies, *MAKING])
    key = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
    files = [(number[project], file) for project, file in batch]
    modules = {number[project]: whole[project] for project in projects}
    return ShardTask(key, split, projects, files, config.node_limit, modules, made, copies)
