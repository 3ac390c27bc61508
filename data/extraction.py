"""Making one shard: the unit of work of a build, wherever it runs."""

from __future__ import annotations

import errno
from collections import Counter
from pathlib import Path

from ..rewrites.registry import rules
from ..rewrites.source import on_deep_stack
from .augmentation import rewritten
from .code_file import CodeFile, UnreadableFile
from .functions import Extracted, functions
from .header import FileEntry, ShardHeader
from .heldout import Guard
from .modules import Modules
from .plan import ShardTask, versions
from .shards import ShardWriter

_SHOWN = 5
"""Failures of one kind that a shard lists with their file."""


class BuildStopped(Exception):
    """The build could not be finished; the shards made so far are kept."""


def make_shard(task: ShardTask, folder: Path, guard: Guard) -> int:
    """Make the shard of ``task`` in ``folder``; returns the bytes of source text it stands for.

    A file that cannot be read is counted and left out.  Raises BuildStopped where the shard cannot be written, or where this
    worker's versions are not those that the build was planned with.
    """
    own = versions()
    if differing := [
        f"{name} {own[name]} instead of {wanted}" for name, wanted in task.versions.items() if own[name] != wanted
    ]:
        raise BuildStopped(f"a worker has {', '.join(differing)}; all workers of a build need the same versions")
    try:
        on_deep_stack(lambda: _make(task, folder, guard))
    except OSError as error:
        raise cannot_write(folder, "a shard", error) from error
    return task.size


def cannot_write(folder: Path, what: str, error: OSError) -> BuildStopped:
    """The sentence for a disk that is full, a folder that is gone or may not be written to."""
    remedy = "make room" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else "see to it"
    reason = error.strerror or str(error)
    return BuildStopped(f"{folder}: {what} cannot be written ({reason}); finished shards are kept: {remedy} and run it again")


def _make(task: ShardTask, folder: Path, guard: Guard) -> None:
    entries: list[FileEntry] = []
    header = ShardHeader(
        key=task.key,
        split=task.split,
        schema_hash=task.versions["schema_hash"],
        extractor=task.versions["extractor"],
        libcst=task.versions["libcst"],
        python=task.versions["python"],
        rules=[rule.code for rule in rules()],
        projects=task.projects,
        files=entries,
    )
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with ShardWriter(folder / task.name, header) as writer:
        modules = {project: Modules(files) for project, files in task.modules.items()}

        def take(extracted: Extracted, project: int, file: CodeFile) -> None:
            counts.update(extracted.counts)
            entries.append(FileEntry(project, file.path, extracted.licence))
            for graph, record, signature in extracted.graphs:
                writer.write(graph, record, signature)
            if extracted.failure:
                kind = next(iter(extracted.counts))
                reasons[kind] += 1
                if reasons[kind] <= _SHOWN:
                    header.failures.append((file.path, extracted.failure))

        for project, file in task.files:
            around, number = modules[project].around(file), len(entries)
            try:
                extracted = functions(file.read(), number, guard, task.node_limit, around)
            except UnreadableFile as error:
                extracted = Extracted(counts=Counter({"failed: cannot be read": 1}), failure=str(error))
            take(extracted, project, file)
            for copy in range(task.copies):
                header.copies[len(entries)] = number
                take(rewritten(extracted, copy, len(entries), task.node_limit, around), project, file)
        header.counts = dict(sorted(counts.items()))
