"""What the service does with files, whoever asks: admits so many scans, hands files to processes, and loses none in silence."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..scan.content import encoding_of
from ..scan.engine import CHUNK_BYTES, chunked
from ..scan.files import File
from ..scan.judge import FileReport, Judge
from .limits import Limits
from .metrics import Metrics
from .workers import Died, Late, Workers

SINGLE_BYTE = re.compile(r"ascii|iso-8859-\d+|cp\d+|windows-\d+|koi8-[ru]")
"""Encodings in which text is given to the scanner where it says so itself; the others may cost more than they should."""

Loaded = Callable[[Sequence[File]], Awaitable[Sequence[File]]]


class Full(Exception):
    """There are as many scans as there may be."""


class Service:
    """A scanner that many ask at the same time."""

    def __init__(self, judge: Judge, limits: Limits) -> None:
        self.judge, self.limits = judge, limits
        self.metrics = Metrics()
        self.workers = Workers(judge, limits.workers)
        self._admitted = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """The time of one scan; raises Full."""
        if self._admitted >= self.limits.scans:
            raise Full
        self._admitted += 1
        self._tell()
        try:
            yield
        finally:
            self._admitted -= 1
            self._tell()

    def _tell(self) -> None:
        self.metrics.admitted.set(self._admitted)
        self.metrics.waiting.set(max(self._admitted - self.limits.workers, 0))

    async def scan(self, files: Sequence[File], loaded: Loaded | None = None) -> AsyncIterator[FileReport]:
        """A report for each file, in order; ``loaded`` reads what is about to be scanned.

        Raises Busy and Late before the first report.  After that, files for which the time does not suffice are reported as
        not analysed.
        """
        left, begun = self.limits.seconds, False
        for chunk in chunked(files, CHUNK_BYTES):
            given = chunk if loaded is None or left <= 0 else await loaded(chunk)
            try:
                reports, took = await self._reports(given, left)
                left -= took
            except Late:
                if not begun:
                    raise
                left = 0.0
                reports = [self._failed(file, f"the request had used up its {self.limits.seconds:g} seconds") for file in given]
            for report in reports:
                self.metrics.report(report)
                yield report
            begun = True

    async def _reports(self, files: Sequence[File], left: float) -> tuple[list[FileReport], float]:
        if left <= 0:
            raise Late
        try:
            return await self.workers.analyse(files, left, self.limits.seconds)
        except Late:
            self.metrics.lost.inc()
            raise
        except Died as error:
            self.metrics.lost.inc()
            if len(files) == 1:
                return [self._failed(files[0], str(error))], error.seconds
            spent = error.seconds
        reports: list[FileReport] = []
        for file in files:  # one of them is to blame: find out which
            found, took = await self._reports([file], left - spent)
            reports += found
            spent += took
        return reports, spent

    def _failed(self, file: File, reason: str) -> FileReport:
        return self.judge.failed(file, f"the file could not be analysed: {reason}")


def posted(path: str, text: str) -> File:
    """A file that was sent; ``path`` is only its name in reports."""
    data = encoded(text)
    return File(Path("posted.py"), path, path, len(data), data)


def encoded(text: str) -> bytes:
    """The bytes of which Python would make this text, as far as that is simple, else UTF-8."""
    data = text.encode("utf-8")
    try:
        encoding = encoding_of(data)
        return text.encode(encoding) if SINGLE_BYTE.fullmatch(encoding) else data
    except (SyntaxError, LookupError, UnicodeError):  # the scanner will say what is wrong with it
        return data
