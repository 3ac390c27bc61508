"""Files in, reports out: the whole way from bytes to findings, inside one process."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..graph.build import UnitGraph, extract
from ..graph.labels import RULES
from ..rewrites.project import Around
from ..rewrites.source import MAX_CHARACTERS, Source, Unreadable, decode, on_deep_stack
from .candidates import best_candidates
from .errors import CannotScan
from .files import File
from .finding import Finding
from .judge import Remark, judge, not_analysed
from .modules import Modules
from .runtime import Runtime
from .scores import Scores

NODE_BUDGET = 16_384
"""Nodes scored at once: large enough for the matrix products, small enough for the memory."""

MOST_BYTES = 4 * MAX_CHARACTERS
"""No readable text of MAX_CHARACTERS characters has more; nothing beyond is read."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a process must know to analyse files."""

    model: Path
    codes: frozenset[str]
    """the rules to report"""
    min_confidence: float | None
    """None means the model's own threshold"""
    root: Path | None = None
    """the project's folder, below which imports are followed; None: every file is seen alone"""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file."""

    shown: str
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    lines: int = 0
    units: int = 0


@dataclass(frozen=True, slots=True)
class _Parsed:
    file: File
    source: Source
    graphs: list[UnitGraph] = field(repr=False)

    @property
    def nodes(self) -> int:
        return sum(found.graph.num_nodes for found in self.graphs)


class Analyser:
    """Analyses files with one loaded model."""

    def __init__(self, runtime: Runtime, brief: Brief) -> None:
        self.runtime, self.brief = runtime, brief
        self.unknown = frozenset(RULES) - runtime.rules
        """rules that the model does not know and that are left out"""
        given = brief.min_confidence
        self.threshold = runtime.threshold if given is None else given
        self.modules = None if brief.root is None else Modules(brief.root)

    @classmethod
    def load(cls, brief: Brief) -> Analyser:
        """Raises ModelError if the model cannot be used."""
        analyser = cls(Runtime.load(brief.model), brief)
        gc.freeze()  # what is loaded stays; and trees are made of many small objects that live and go together, so that
        gc.set_threshold(50_000, 20, 100)  # collecting as often as by default costs a quarter of the time
        return analyser

    def __call__(self, files: Sequence[File]) -> list[FileReport]:
        """One report for each file, in order.  Raises only CannotScan; what is wrong with a file is its finding BL000."""
        return on_deep_stack(lambda: list(self._reports(files)))

    def _reports(self, files: Sequence[File]) -> Iterator[FileReport]:
        waiting: list[_Parsed | FileReport] = []
        nodes = 0
        for file in files:
            ready = self._parse(file)
            waiting.append(ready)
            nodes += ready.nodes if isinstance(ready, _Parsed) else 0
            if nodes >= NODE_BUDGET:
                yield from self._finish(waiting)
                waiting, nodes = [], 0
        yield from self._finish(waiting)

    def _parse(self, file: File) -> _Parsed | FileReport:
        text: str | None = None
        try:
            text = decode(_read(file))
            source = Source.parse(text)
            self._forget_unknown(source)
            around = Around() if self.modules is None else self.modules.around(file.path)
            return _Parsed(file, source, extract(source, around=around))
        except Unreadable as error:
            return self._failed(file, error.message, error.row, error.column, text)
        except Exception as error:
            return self._failed(file, _sentence(error), text=text)

    def _forget_unknown(self, source: Source) -> None:
        """Drop the sites of rules that the model has not learnt: they would weigh on the others."""
        if self.unknown:
            for unit in source.units:
                unit.sites = tuple(site for site in unit.sites if site.rule.code not in self.unknown)

    def _finish(self, waiting: Sequence[_Parsed | FileReport]) -> Iterator[FileReport]:
        parsed = [ready for ready in waiting if isinstance(ready, _Parsed)]
        try:
            scores = self._score([found for ready in parsed for found in ready.graphs])
        except CannotScan:
            raise
        except Exception as error:  # one of the files is to blame: find out which
            if len(waiting) == 1:
                yield self._failed(parsed[0].file, _sentence(error), text=parsed[0].source.text)
            else:
                for ready in waiting:
                    yield from self._finish([ready])
            return
        for ready in waiting:
            yield self._judge(ready, [next(scores) for _ in ready.graphs]) if isinstance(ready, _Parsed) else ready

    def _score(self, graphs: list[UnitGraph]) -> Iterator[Scores]:
        scores: list[Scores] = []
        batch: list[UnitGraph] = []
        nodes = 0
        for found in graphs:
            if batch and nodes + found.graph.num_nodes > NODE_BUDGET:
                scores += self.runtime.score([one.graph for one in batch])
                batch, nodes = [], 0
            batch.append(found)
            nodes += found.graph.num_nodes
        if batch:
            scores += self.runtime.score([one.graph for one in batch])
        return iter(scores)

    def _judge(self, parsed: _Parsed, scores: list[Scores]) -> FileReport:
        file, source = parsed.file, parsed.source
        try:
            best = best_candidates(parsed.graphs, scores, self.brief.codes)
            findings, remarks = judge(
                file, source, best, self.runtime.confidence, self.threshold, self.runtime.threshold, self.brief.codes
            )
        except CannotScan:
            raise
        except Exception as error:
            return self._failed(file, _sentence(error), text=source.text)
        return FileReport(file.shown, tuple(findings), tuple(remarks), count_lines(source.text), len(source.units))

    def _failed(self, file: File, sentence: str, row: int = 1, column: int = 1, text: str | None = None) -> FileReport:
        return FileReport(
            file.shown,
            (not_analysed(file, sentence, row, column, text),) if "BL000" in self.brief.codes else (),
            lines=count_lines(text or ""),
        )


def count_lines(text: str) -> int:
    """Physical lines."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def _read(file: File) -> bytes:
    if file.problem:
        raise Unreadable(file.problem)
    if file.data is not None:
        return file.data
    try:
        with file.path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror or error}") from None
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the file has more than {MOST_BYTES:,} bytes; exclude it or split it")
    return data


def _sentence(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the code is nested too deeply to be analysed"
    if isinstance(error, MemoryError):
        return "there is not enough memory to analyse this file"
    return f"an error inside buglab, please report it ({type(error).__name__}: {error})"
