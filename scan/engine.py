"""Files in order: from the cache, else through one or several worker processes, so that no file takes the scan down with it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ..rewrites.project import Outlines
from .cache import Cache
from .catalogue import NOT_ANALYSED
from .config import Settings
from .content import Unread, read
from .files import File
from .foreign import refused_rules
from .judge import FileReport, Judge, Version
from .model import EMBEDDED, Model
from .policy import Policy
from .project import Projects

if TYPE_CHECKING:
    from .analysis import Analysed, Analyser
    from .assessment import Assessment
    from .baseline import Known

WINDOW = 2_000
"""Files looked up before those that are new are analysed: what is known of them waits in memory for its turn."""

CHUNK_BYTES = 64_000
"""Source bytes handed to a process at once, unless a single file has more."""

LOOKUP_BYTES = 4_000_000
"""Source bytes held while their entries are looked up."""

SMALL_BYTES = 150_000
"""Less source than this is analysed by one process; by this one where starting another is dear."""

MOST_JOBS = 8
"""Processes started unless told otherwise: each takes its share of memory."""

STORE_S = 2.0
"""Seconds between writes to the cache: what is lost when the scan is killed."""


@dataclass(slots=True)
class Engine:
    """A scan that is ready to run.  What needs numpy and LibCST is imported for the first file that is not in the cache."""

    judge: Judge
    jobs: int = 0
    cache: Cache | None = None
    baseline: Known | None = None
    """marks the findings that are no news"""
    outlines: Outlines = field(default_factory=Outlines, repr=False)
    again: bool = False
    """whether the same texts will come again, with little changed"""
    _analyser: Analyser | None = field(default=None, repr=False)

    @classmethod
    def prepare(cls, settings: Settings) -> Engine:
        """Check the settings and the model; raises CannotScan."""
        model = Model.load(settings.model or EMBEDDED)
        judge = Judge(model, Policy.of(settings, model))
        return cls(judge, settings.jobs, Cache.at(settings.cache_dir, model) if settings.cache else None)

    @property
    def model(self) -> Model:
        return self.judge.model

    @property
    def threshold(self) -> float:
        """The confidence from which on findings are reported, where nothing else is set for a path."""
        return self.judge.policy.threshold

    def warnings(self) -> list[str]:
        """What the user should know about rules: those that are left out, and why."""
        unknown = sorted(self.judge.policy.codes - self.model.rules - {NOT_ANALYSED.code})
        named, them = (f"rule {unknown[0]}", "it is") if len(unknown) == 1 else (f"rules {', '.join(unknown)}", "they are")
        sentence = f"the model {self.model.name!r} does not know the {named}; {them} left out"
        return [*refused_rules(), *([sentence] if unknown else [])]

    def scan(self, files: Sequence[File]) -> Iterator[FileReport]:
        """A report for each file, in order."""
        projects = Projects(self.outlines)
        for first in range(0, len(files), WINDOW):
            window = files[first : first + WINDOW]
            known = self._known(window, projects)
            fresh = self._analysed([file for at, file in enumerate(window) if at not in known])
            for at in range(len(window)):
                report = known.pop(at) if at in known else next(fresh)
                yield report if self.baseline is None else self.baseline.mark(report)
            next(fresh, None)  # to its end, where it stores what it has learnt and dismisses its processes

    def _known(self, files: Sequence[File], projects: Projects) -> dict[int, FileReport]:
        """Reports on the files whose contents are in the cache, by place."""
        if self.cache is None:
            return {}
        reports: dict[int, FileReport] = {}
        at = 0
        for chunk in chunked(files, LOOKUP_BYTES):
            for report in self._look_up(chunk, projects):
                if report is not None:
                    reports[at] = report
                at += 1
        return reports

    def _look_up(self, files: Sequence[File], projects: Projects) -> Iterator[FileReport | None]:
        assert self.cache is not None
        versions = [_versions(file) for file in files]
        keys = [
            [self.cache.key(data, projects.place(file, data)) for data in version]
            for file, version in zip(files, versions, strict=True)
        ]
        stored = self.cache.get([key for own in keys for key in own])
        moved: dict[bytes, Assessment] = {}
        for file, version, own in zip(files, versions, keys, strict=True):
            said = [self._holding(file, key, stored, projects, moved) for key in own]
            yield self._judged(file, version, [one for one in said if one is not None])
        self.cache.put(moved)

    def _holding(
        self, file: File, key: bytes, stored: dict[bytes, Assessment], projects: Projects, moved: dict[bytes, Assessment]
    ) -> Assessment | None:
        """The stored assessment, if the same would be seen around the file; noted in ``moved`` where other contents say it."""
        said = stored.get(key)
        seen = None if said is None else projects.renewed(file, said.seen)
        if said is None or seen is None:
            return None
        if seen != said.seen:
            said = moved[key] = replace(said, seen=seen)
        return said

    def _judged(self, file: File, versions: Sequence[bytes], said: Sequence[Assessment]) -> FileReport | None:
        """The report on a file all of whose versions are known."""
        if not versions or len(said) < len(versions):
            return None
        try:
            return self.judge.report(file, *map(Version, versions, said))
        except (ValueError, LookupError, TypeError):  # offsets or rules that are not ours: an entry of another program
            return None

    def _analysed(self, files: Sequence[File]) -> Iterator[FileReport]:
        """Reports on files that are not in the cache, which learns of them."""
        learnt: dict[bytes, Assessment] = {}
        due = time.monotonic() + STORE_S
        try:
            for analysed in self._analyse(files) if files else ():
                if self.cache is not None:
                    learnt.update((self.cache.key(data, place), found) for data, place, found in analysed.learnt)
                    if time.monotonic() >= due:
                        self.cache.put(learnt)
                        learnt.clear()
                        due = time.monotonic() + STORE_S
                yield analysed.report
        finally:
            if self.cache is not None and learnt:
                self.cache.put(learnt)

    def _analyse(self, files: Sequence[File]) -> Iterator[Analysed]:
        from .analysis import Analyser
        from .pool import Pool, start_method

        chunks = chunked(files, CHUNK_BYTES)
        size = self._processes(files, len(chunks))
        method = start_method()
        if self._analyser is None:
            self._analyser = Analyser.load(self.judge, self.outlines)
            if self.again:
                self._analyser.remember()
        if method != "fork" and size <= 1:
            for chunk in chunks:
                yield from self._analyser(chunk)
            return
        start = self._as_it_is if method == "fork" else partial(Analyser.load, self.judge)
        yield from Pool(start, partial(_lost, self.judge), patience, size, method).run(chunks)

    def _as_it_is(self) -> Analyser:
        assert self._analyser is not None
        return self._analyser

    def _processes(self, files: Sequence[File], chunks: int) -> int:
        if self.jobs:
            return min(self.jobs, chunks)
        if sum(file.size for file in files) < SMALL_BYTES:
            return 1
        return min(processors(), MOST_JOBS, chunks)


def chunked(files: Sequence[File], most: int) -> list[list[File]]:
    """Consecutive files, together at most ``most`` bytes unless one alone has more."""
    chunks: list[list[File]] = []
    size = most
    for file in files:
        size += max(file.size, 1_000)
        if size > most:
            chunks.append([])
            size = max(file.size, 1_000)
        chunks[-1].append(file)
    return chunks


def _versions(file: File) -> list[bytes]:
    """The bytes of a file and of its earlier version; nothing if it cannot be read, or perhaps not twice (pipes)."""
    if file.data is None and not file.path.is_file():
        return []
    try:
        return [read(file), *([] if file.earlier is None else [file.earlier])]
    except Unread:
        return []


def patience(files: Sequence[File]) -> float:
    """Seconds after which something is wrong: many times what the slowest ordinary code needs on a busy machine."""
    return 30 + sum(file.size + len(file.earlier or b"") for file in files) / 4_000


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _lost(judge: Judge, file: File, reason: str) -> Analysed:
    from .analysis import Analysed

    return Analysed(judge.failed(file, f"the file could not be analysed: {reason}"))
