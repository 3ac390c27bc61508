"""What a corpus turned out to be: the tables that are printed, ``report.json`` and ``report.html`` beside the shards."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from .config import CorpusConfig
from .duplicates import Kept
from .header import KINDS, SITES
from .shards import ShardReader
from .sources import Source

REPORT, PAGE = "report.json", "report.html"
_LENGTHS = (1, 3, 6, 11, 21, 41, 81, 161, 321)
"""Lines at which a class of lengths begins."""


class SplitFigures(msgspec.Struct, kw_only=True):
    """One split after duplicates were removed."""

    projects: list[str]
    graphs: int
    copies: int = 0
    """those of them that are rewritten copies of others"""
    sites: int
    options: int
    nodes: int
    edges: int


class CorpusReport(msgspec.Struct, kw_only=True):
    """All figures of one build."""

    name: str
    folder: str
    seconds: float
    """of this run; finished shards of an earlier one cost nothing"""
    files: int
    lines: int
    graphs: int
    """before duplicates were removed"""
    splits: dict[str, SplitFigures]
    kinds: dict[str, int]
    """kept graphs of functions, classes and modules"""
    sites: dict[str, int]
    """kept sites per rule"""
    files_dropped: dict[str, int]
    functions_dropped: dict[str, int]
    files_failed: dict[str, int]
    failures: list[tuple[str, str]]
    """(file, reason), a few of each kind"""
    licences: dict[str, int]
    """kept graphs per licence: the file's own where it states one, else its project's"""
    projects: dict[str, int]
    """kept graphs per project"""
    lengths: dict[str, int]
    """kept functions per class of lengths, in lines"""
    bytes_on_disk: int
    bytes_per_graph: float
    """of all graphs stored"""

    def fields(self) -> list[str]:
        """The fields of SplitFigures that are shown: copies only where there are any."""
        with_copies = any(split.copies for split in self.splits.values())
        return ["graphs", *(["copies"] if with_copies else []), "sites", "options", "nodes", "edges"]

    def show(self, console: Console) -> None:
        """Print the tables."""
        table = Table("", *self.splits, title=f"corpus {self.name}", title_justify="left")
        for field in self.fields():
            table.add_row(field, *(f"{getattr(split, field):,}" for split in self.splits.values()))
        table.add_row("projects", *(str(len(split.projects)) for split in self.splits.values()))
        for column in table.columns[1:]:
            column.justify = "right"
        console.print(table)
        parts = {
            "kept, by kind": self.kinds,
            "sites, by rule": self.sites,
            "files left out": self.files_dropped,
            "files that do not parse": self.files_failed,
            "graphs left out": self.functions_dropped,
        }
        for title, counts in parts.items():
            detail = Table(title, "", show_header=True)
            detail.columns[1].justify = "right"
            for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
                detail.add_row(name, f"{count:,}")
            if counts:
                console.print(detail)
        console.print(
            f"{self.files:,} files with {self.lines:,} lines, {self.bytes_on_disk / 1e6:,.1f} MB on disk, "
            f"{self.bytes_per_graph:,.0f} bytes per graph, {self.seconds:,.1f} s"
        )
        console.print(f"written to {self.folder}", soft_wrap=True)


def summarise(
    config: CorpusConfig, sources: Sequence[Source], shards: Sequence[ShardReader], kept: Kept, seconds: float
) -> CorpusReport:
    """Add up what the shards' headers and the kept rows say."""
    counts: Counter[str] = Counter()
    for source in sources:
        counts.update({f"dropped: {reason}": count for reason, count in source.dropped.items()})
    for shard in shards:
        counts.update(shard.header.counts)
    removed = dict(Counter(_under(counts, "functions dropped: ")) + kept.removed)
    kinds: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    licences: Counter[str] = Counter()
    by_project: Counter[str] = Counter()
    lengths = np.zeros(len(_LENGTHS), np.int64)
    splits = {}
    for split in ("train", "valid", "test"):
        figures = SplitFigures(projects=[], graphs=0, sites=0, options=0, nodes=0, edges=0)
        projects: set[str] = set()
        for shard, rows in zip(shards, kept.rows, strict=True):
            if shard.header.split != split:
                continue
            total = shard.sizes()[rows].sum(axis=0).tolist()
            figures.graphs += len(rows)
            figures.copies += int(np.isin(shard.column("records")[rows, 1], list(shard.header.copies)).sum())
            figures.nodes += total[0]
            figures.edges += total[1]
            figures.sites += total[3]
            figures.options += total[4]
            _tally(shard, rows, kinds, sites, licences, by_project)
            lengths += _lengths(shard, rows)
            projects.update(project.name for project in shard.header.projects)
        figures.projects = sorted(projects, key=str.lower)
        splits[split] = figures
    graphs, size = sum(map(len, shards)), sum(shard.path.stat().st_size for shard in shards)
    return CorpusReport(
        name=config.name,
        folder=str(config.folder()),
        seconds=round(seconds, 1),
        files=counts["files"],
        lines=counts["lines"],
        graphs=graphs,
        splits=splits,
        kinds=dict(kinds),
        sites=dict(sorted(sites.items())),
        files_dropped=_under(counts, "dropped: "),
        functions_dropped=removed,
        files_failed=_under(counts, "failed: "),
        failures=[failure for shard in shards for failure in shard.header.failures],
        licences=dict((+licences).most_common()),
        projects=dict((+by_project).most_common()),
        lengths=dict(zip(_length_names(), lengths.tolist(), strict=True)),
        bytes_on_disk=size,
        bytes_per_graph=round(size / max(graphs, 1), 1),
    )


def _under(counts: Counter[str], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): count for name, count in sorted(counts.items()) if name.startswith(prefix)}


def _tally(
    shard: ShardReader,
    rows: NDArray[np.int64],
    kinds: Counter[str],
    sites: Counter[str],
    licences: Counter[str],
    projects: Counter[str],
) -> None:
    records = shard.column("records")[rows]
    header = shard.header
    for number, name in enumerate(KINDS):
        kinds[name] += int((records[:, 0] == number).sum())
    for entry, count in zip(header.files, np.bincount(records[:, 1], minlength=len(header.files)).tolist(), strict=True):
        project = header.projects[entry.project]
        licences[entry.licence or project.licence] += count
        projects[project.name] += count
    chosen = np.zeros(len(shard), bool)
    chosen[rows] = True
    found = shard.column("site_rule")[np.repeat(chosen, shard.sizes()[:, SITES])]
    for rule, count in enumerate(np.bincount(found, minlength=len(header.rules)).tolist()):
        sites[header.rules[rule]] += count


def _lengths(shard: ShardReader, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Functions per class of lengths, each counted once, however many windows it has: [len(_LENGTHS)]."""
    records = shard.column("records")[rows].astype(np.int64)
    functions = records[(records[:, 0] == KINDS.index("function")) & (records[:, 4] == 0)]
    classes = np.searchsorted(_LENGTHS, functions[:, 3] - functions[:, 2] + 1, side="right") - 1
    return np.bincount(classes, minlength=len(_LENGTHS))


def _length_names() -> list[str]:
    ends = [*(f"{low}-{high - 1}" for low, high in itertools.pairwise(_LENGTHS)), f"{_LENGTHS[-1]} and more"]
    return [name if name.partition("-")[0] != name.partition("-")[2] else name.partition("-")[0] for name in ends]
