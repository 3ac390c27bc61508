"""Files in order through one or several worker processes, so that no file can take the scan down with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..rewrites.registry import refused_rules
from .analysis import Analyser, Brief, FileReport
from .catalogue import chosen_codes
from .config import Settings
from .files import File
from .judge import not_analysed
from .pool import Pool, start_method
from .runtime import EMBEDDED

CHUNK_BYTES = 64_000
"""Source bytes handed to a process at once, unless a single file has more."""

SMALL_BYTES = 150_000
"""Less source than this is analysed by one process; by this one where starting another is dear."""

MOST_JOBS = 8
"""Processes started unless told otherwise: each takes its share of memory."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A scan that is ready to run."""

    analyser: Analyser
    jobs: int = 0

    @classmethod
    def prepare(cls, settings: Settings) -> Engine:
        """Check the settings and load the model; raises CannotScan."""
        codes = chosen_codes(settings.select, settings.ignore)
        brief = Brief(settings.model or EMBEDDED, codes, settings.min_confidence, settings.root)
        return cls(Analyser.load(brief), settings.jobs)

    def warnings(self) -> list[str]:
        """What the user should know about rules: those that are left out, and why."""
        unknown = sorted(self.analyser.unknown & self.analyser.brief.codes)
        named, them = (f"rule {unknown[0]}", "it") if len(unknown) == 1 else (f"rules {', '.join(unknown)}", "they")
        verb = "is" if them == "it" else "are"
        sentence = f"the model {self.analyser.runtime.name!r} does not know the {named}; {them} {verb} left out"
        return [*refused_rules(), *([sentence] if unknown else [])]

    def scan(self, files: Sequence[File]) -> Iterator[FileReport]:
        """A report for each file, in order."""
        chunks = _chunks(files)
        size = self._processes(files, len(chunks))
        method = start_method()
        if method != "fork" and size <= 1:
            for chunk in chunks:
                yield from self.analyser(chunk)
            return
        start = self._as_it_is if method == "fork" else partial(Analyser.load, self.analyser.brief)
        yield from Pool(start, partial(_lost, "BL000" in self.analyser.brief.codes), patience, size, method).run(chunks)

    def _as_it_is(self) -> Analyser:
        return self.analyser

    def _processes(self, files: Sequence[File], chunks: int) -> int:
        if self.jobs:
            return min(self.jobs, chunks)
        if sum(file.size for file in files) < SMALL_BYTES:
            return 1
        return min(_processors(), MOST_JOBS, chunks)


def _chunks(files: Sequence[File]) -> list[list[File]]:
    """Consecutive files, together at most CHUNK_BYTES unless one alone has more."""
    chunks: list[list[File]] = []
    size = CHUNK_BYTES
    for file in files:
        size += max(file.size, 1_000)
        if size > CHUNK_BYTES:
            chunks.append([])
            size = max(file.size, 1_000)
        chunks[-1].append(file)
    return chunks


def patience(files: Sequence[File]) -> float:
    """Seconds after which something is wrong: many times what the slowest ordinary code needs on a busy machine."""
    return 30 + sum(file.size for file in files) / 4_000


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _lost(reported: bool, file: File, reason: str) -> FileReport:
    sentence = f"the file could not be analysed: {reason}"
    return FileReport(file.shown, (not_analysed(file, sentence),) if reported else ())
