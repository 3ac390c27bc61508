"""Building a corpus: sources, shards on all cores, duplicates, report.  A build that was stopped makes what is missing."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..graph.labels import SCHEMA_HASH
from ..rewrites.registry import rules
from ..rewrites.source import on_deep_stack
from .code_file import UnreadableFile
from .config import CorpusConfig, part
from .dataset import KEPT, MANIFEST, Manifest
from .duplicates import deduplicate
from .functions import Extracted, functions
from .header import DamagedShard, FileEntry, SchemaMismatch, ShardHeader
from .heldout import Guard
from .plan import ShardTask, plan, versions
from .report import REPORT, CorpusReport, summarise
from .shards import ShardReader, ShardWriter
from .sources import Source, sources

_SHOWN = 5
"""Failures of one kind that a shard lists with their file."""


class BuildStopped(Exception):
    """The build could not be finished; the shards made so far are kept."""


def build(config: CorpusConfig) -> CorpusReport:
    """Build the corpus that ``config`` describes and print its report; see CorpusConfig.folder for where it goes."""
    began, console = time.perf_counter(), Console(stderr=True)
    guard = Guard.load()
    console.print(f"corpus {config.name}: looking for sources")
    found = sources(config, guard)
    _check(config, found)
    tasks = plan(found, config)
    folder = config.folder()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [task for task in tasks if not _finished(folder / task.name)]
    if len(missing) < len(tasks):
        console.print(f"{len(tasks) - len(missing)} of {len(tasks)} shards are there already")
    _make(missing, folder, guard, config.workers or os.cpu_count() or 1, console)
    shards = [ShardReader(folder / task.name) for task in tasks]
    console.print("looking for duplicates")
    kept = deduplicate(shards, guard, config.near_duplicates, config.similarity)
    listed = [np.stack([np.full(len(rows), number), rows], axis=1) for number, rows in enumerate(kept.rows)]
    rows = np.concatenate(listed) if listed else np.zeros((0, 2), np.int64)
    _publish(folder, config.name, [task.name for task in tasks], rows)
    report = summarise(config, found, shards, kept, time.perf_counter() - began)
    (folder / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    report.show(Console())
    return report


def make_shard(task: ShardTask, folder: Path, guard: Guard) -> None:
    """Make one shard: the unit of work, wherever it runs."""
    entries = [FileEntry(project, file.path) for project, file in task.files]
    codes = [rule.code for rule in rules()]
    made = versions()
    header = ShardHeader(
        key=task.key,
        split=task.split,
        schema_hash=made["schema_hash"],
        extractor=made["extractor"],
        libcst=made["libcst"],
        python=made["python"],
        rules=codes,
        projects=task.projects,
        files=entries,
    )
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with ShardWriter(folder / task.name, header) as writer:
        for number, (project, file) in enumerate(task.files):
            try:
                extracted = functions(file.read(), number, guard, task.node_limit, file.suspect)
            except UnreadableFile as error:
                extracted = Extracted(counts=Counter({"failed: cannot be read": 1}), failure=str(error))
            counts.update(extracted.counts)
            entries[number] = FileEntry(project, file.path, extracted.licence)
            for graph, record, signature in extracted.graphs:
                writer.write(graph, record, signature)
            if extracted.failure:
                kind = next(iter(extracted.counts))
                reasons[kind] += 1
                if reasons[kind] <= _SHOWN:
                    header.failures.append((file.path, extracted.failure))
        header.counts = dict(sorted(counts.items()))


def _worker(task: ShardTask, folder: Path, guard: Guard) -> int:
    on_deep_stack(lambda: make_shard(task, folder, guard))
    return task.size


def _make(tasks: Sequence[ShardTask], folder: Path, guard: Guard, workers: int, console: Console) -> None:
    if not tasks:
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"{len(tasks)} shards", total=sum(task.size for task in tasks))
        for size in _run(tasks, folder, guard, min(workers, len(tasks))):
            progress.advance(bar, size)


def _run(tasks: Sequence[ShardTask], folder: Path, guard: Guard, workers: int) -> Iterator[int]:
    """Make the shards, here or in a pool of processes; yields the size of each one that is finished."""
    if workers == 1:
        for task in tasks:
            yield _worker(task, folder, guard)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
        running = [pool.submit(_worker, task, folder, guard) for task in tasks]
        try:
            for future in as_completed(running):
                yield future.result()
        except BrokenProcessPool as error:
            raise BuildStopped(
                f"a worker process died (out of memory?); finished shards stay in {folder}: run it again with fewer `workers`"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """End this worker when the build that started it is killed: nobody else would tell it."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _finished(path: Path) -> bool:
    """Whether the shard is there and whole; one that is not is made again."""
    if not path.is_file():
        return False
    try:
        ShardReader(path)
    except (DamagedShard, SchemaMismatch):
        path.unlink()
        return False
    return True


def _check(config: CorpusConfig, found: Sequence[Source]) -> None:
    """Raise ValueError for settings that cannot be meant."""
    if not found:
        kinds = "`stdlib`, `packages`, `folders`, `environments`, `repositories` or `archives`"
        raise ValueError(f"corpus {config.name!r} names no source: set {kinds}")
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


def _publish(folder: Path, name: str, shards: list[str], kept: NDArray[np.int64]) -> None:
    """Write the list of kept graphs, then the manifest, which makes the corpus complete; remove shards of earlier plans."""
    buffer = io.BytesIO()
    np.save(buffer, kept.astype(np.int64), allow_pickle=False)
    rows = buffer.getvalue()
    manifest = Manifest(name=name, schema_hash=SCHEMA_HASH, shards=shards, kept_sha256=hashlib.sha256(rows).hexdigest())
    for target, content in ((folder / KEPT, rows), (folder / MANIFEST, msgspec.json.encode(manifest))):
        temporary = target.with_name(f".{target.name}.tmp")
        temporary.write_bytes(content)
        temporary.replace(target)
    for path in folder.glob("*.shard"):
        if path.name not in shards:
            path.unlink()
