"""Building a corpus: sources, shards on all cores, duplicates, report.  A build that was stopped makes what is missing."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from .config import SPLITS, CorpusConfig, part
from .duplicates import deduplicate
from .extraction import BuildStopped, cannot_write
from .heldout import Guard
from .manifest import publish
from .page import page
from .plan import ShardTask, plan
from .repaired import repaired
from .report import PAGE, REPORT, CorpusReport, summarise
from .shards import ShardReader, finished
from .sources import Source, sources
from .workers import run

__all__ = ["BuildStopped", "build"]


def build(config: CorpusConfig) -> CorpusReport:
    """Build the corpus that ``config`` describes and print its report; see CorpusConfig.folder for where it goes."""
    began, console = time.perf_counter(), Console(stderr=True)
    guard = Guard.load()
    console.print(f"corpus {config.name}: looking for sources")
    found = sources(config, guard)
    _check(config, found)
    tasks = plan(found, config)
    names = [task.name for task in tasks]
    folder = config.folder()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [task for task in tasks if not finished(folder / task.name)]
    if len(missing) < len(tasks):
        console.print(f"{len(tasks) - len(missing)} of {len(tasks)} shards are there already")
    _make(missing, folder, guard, config, console)
    if config.clones:
        names += repaired(Path(config.clones).expanduser(), folder, config.node_limit, console)
    shards = [ShardReader(folder / name) for name in names]
    console.print("looking for duplicates")
    kept = deduplicate(shards, guard, config.near_duplicates, config.similarity)
    listed = [np.stack([np.full(len(rows), number), rows], axis=1) for number, rows in enumerate(kept.rows)]
    rows = np.concatenate(listed) if listed else np.zeros((0, 2), np.int64)
    try:
        publish(folder, config.name, names, rows)
    except OSError as error:
        raise cannot_write(folder, "the corpus", error) from error
    report = summarise(config, found, shards, kept, time.perf_counter() - began)
    (folder / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    (folder / PAGE).write_text(page(report), encoding="utf-8")
    report.show(Console())
    return report


def _make(tasks: Sequence[ShardTask], folder: Path, guard: Guard, config: CorpusConfig, console: Console) -> None:
    if not tasks:
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"{len(tasks)} shards", total=sum(task.size for task in tasks))
        for size in run(tasks, folder, guard, config.workers or os.cpu_count() or 1, config.cluster):
            progress.advance(bar, size)


def _check(config: CorpusConfig, found: Sequence[Source]) -> None:
    """Raise ValueError for settings that cannot be meant."""
    if config.clones and not Path(config.clones).expanduser().is_dir():
        raise ValueError(
            f"corpus.clones={config.clones}: there is no such folder; name one that holds clones of git repositories"
        )
    if config.split not in {"", *SPLITS}:
        raise ValueError(f"corpus.split is {config.split!r}; it can be {', '.join(SPLITS)}")
    if not found and config.clones:
        return
    if not found:
        kinds = "`stdlib`, `packages`, `folders`, `environments`, `repositories`, `archives` or `clones`"
        raise ValueError(f"corpus {config.name!r} names no source: set {kinds}")
    if config.augment < 0:
        raise ValueError(f"`augment` is a number of rewritten copies, not {config.augment}; 0 is none")
    paths = {file.path for source in found for file in source.files}
    if config.stdlib and (absent := sorted({*config.stdlib_only} - paths)):
        raise ValueError(f"`stdlib_only` names {', '.join(absent)}, which this Python's standard library does not have")
    if not paths:
        raise ValueError(f"corpus {config.name!r}: there is no Python file in its sources that may be used")
    names = {source.project.name for source in found}
    names |= {part(source.project.name, file.path) for source in found for file in source.files}
    if unknown := sorted({*config.valid, *config.test} - names):
        raise ValueError(f"the splits name {', '.join(unknown)}, which no source provides")
    if both := sorted({*config.valid} & {*config.test}):
        raise ValueError(f"{', '.join(both)} cannot be in valid and in test")
