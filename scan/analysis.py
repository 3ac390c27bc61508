"""Files in, reports out: the whole way from bytes to findings, inside one process."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..graph.build import UnitGraph, extract
from ..graph.context import Surroundings
from ..graph.labels import RULES
from ..rewrites.project import ALONE, Around, Outlines
from ..rewrites.source import Source, Unreadable, decode, on_deep_stack
from .assessment import MOST_ALTERNATIVES, Assessment, Failure, Proposal, Unit
from .candidates import Candidate, ranked_candidates
from .content import Unread, read
from .deliberate import deliberate
from .errors import CannotScan
from .evidence import WORTH, evidence
from .files import File
from .finding import quoted
from .judge import FileReport, Judge, Version, count_lines
from .project import Projects, seen
from .remembering import Remembering
from .runtime import Runtime
from .scores import Scores
from .suppress import may_suppress

NODE_BUDGET = 16_384
"""Nodes scored at once: large enough for the matrix products, small enough for the memory."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """The report on one file, and what is worth keeping of it: bytes of texts, where their imports lead, and what the detector
    said about them."""

    report: FileReport
    learnt: tuple[tuple[bytes, str, Assessment], ...] = ()


@dataclass(frozen=True, slots=True)
class _Parsed:
    data: bytes
    place: str
    text: str
    source: Source | None = None
    around: Around = ALONE
    graphs: tuple[UnitGraph, ...] = field(default=(), repr=False)
    failure: Failure | None = None
    lasting: bool = True
    """whether the same bytes will always give this"""

    @property
    def nodes(self) -> int:
        return sum(found.graph.num_nodes for found in self.graphs)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file's versions, the present one first; none if it could not be read."""

    file: File
    versions: tuple[_Parsed, ...]
    sentence: str = ""


class Analyser:
    """Analyses files with one loaded model."""

    def __init__(self, runtime: Runtime, judge: Judge, outlines: Outlines | None = None) -> None:
        self.runtime, self.judge, self.outlines = runtime, judge, outlines or Outlines()
        self.unknown = frozenset(RULES) - runtime.rules
        """rules that the model does not know and that are left out"""

    @classmethod
    def load(cls, judge: Judge, outlines: Outlines | None = None) -> Analyser:
        """``outlines`` are shared with others in this process.  Raises ModelError if the model cannot be used."""
        analyser = cls(Runtime.of(judge.model), judge, outlines)
        gc.freeze()  # what is loaded stays
        return analyser

    def remember(self) -> None:
        """From now on, score only what is new: for texts that come again with little changed."""
        self.runtime = Remembering(self.runtime.model, self.runtime.weights)

    def __call__(self, files: Sequence[File]) -> list[Analysed]:
        """One result for each file, in order.  Raises only CannotScan; what is wrong with a file is its finding BL000."""
        return on_deep_stack(lambda: list(self._all(files)))

    def _all(self, files: Sequence[File]) -> Iterator[Analysed]:
        waiting: list[_Ready] = []
        nodes, projects = 0, Projects(self.outlines)
        for file in files:
            waiting.append(self._prepare(file, projects))
            nodes += sum(version.nodes for version in waiting[-1].versions)
            if nodes >= NODE_BUDGET:
                yield from self._finish(waiting)
                waiting, nodes = [], 0
        yield from self._finish(waiting)

    def _prepare(self, file: File, projects: Projects) -> _Ready:
        try:
            data = read(file)
        except Unread as error:
            return _Ready(file, (), str(error))
        contents = [version for version in (data, file.earlier) if version is not None]
        return _Ready(file, tuple(self._parse(one, projects.place(file, one), projects.around(file)) for one in contents))

    def _parse(self, data: bytes, place: str, around: Around) -> _Parsed:
        text = ""
        try:
            text = decode(data)
            source = Source.parse(text)
            self._forget_unknown(source)
            return _Parsed(data, place, text, source, around, tuple(extract(source, around=around)))
        except Unreadable as error:
            return _Parsed(data, place, text, failure=Failure(error.message, error.row, error.column))
        except Exception as error:
            return _Parsed(data, place, text, failure=Failure(_sentence(error)), lasting=False)

    def _forget_unknown(self, source: Source) -> None:
        """Drop the sites of rules that the model has not learnt: they would weigh on the others."""
        if self.unknown:
            for unit in source.units:
                unit.sites = tuple(site for site in unit.sites if site.rule.code not in self.unknown)

    def _finish(self, waiting: Sequence[_Ready]) -> Iterator[Analysed]:
        try:
            scores = self._score([found for ready in waiting for version in ready.versions for found in version.graphs])
        except CannotScan:
            raise
        except Exception as error:  # one of the files is to blame: find out which
            if len(waiting) == 1:
                (ready,) = waiting
                yield Analysed(self.judge.failed(ready.file, _sentence(error), text=ready.versions[0].text))
            else:
                for ready in waiting:
                    yield from self._finish([ready])
            return
        for ready in waiting:
            yield self._judge(ready, scores)

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

    def _judge(self, ready: _Ready, scores: Iterator[Scores]) -> Analysed:
        if not ready.versions:
            return Analysed(self.judge.failed(ready.file, ready.sentence))
        own = [[next(scores) for _ in version.graphs] for version in ready.versions]
        try:
            versions = [Version(parsed.data, _assess(parsed, said)) for parsed, said in zip(ready.versions, own, strict=True)]
            report = self.judge.report(ready.file, *versions)
        except CannotScan:
            raise
        except Exception as error:
            return Analysed(self.judge.failed(ready.file, _sentence(error), text=ready.versions[0].text))
        pairs = zip(ready.versions, versions, strict=True)
        return Analysed(
            report, tuple((parsed.data, parsed.place, found.assessment) for parsed, found in pairs if parsed.lasting)
        )


def _assess(parsed: _Parsed, scores: Sequence[Scores]) -> Assessment:
    source = parsed.source
    if source is None:
        return Assessment(failure=parsed.failure, lines=count_lines(parsed.text))
    ranked = ranked_candidates(parsed.graphs, scores, deliberate(source))
    around = Surroundings(source, parsed.around)
    units = tuple(
        Unit(unit.name, unit.start, unit.end, tuple(_proposal(source, around, one) for one in ranked.get(id(unit), ())))
        for unit in source.units
    )
    return Assessment(units, None, seen(parsed.around), count_lines(source.text), may_suppress(source.text))


def _proposal(source: Source, around: Surroundings, candidate: Candidate) -> Proposal:
    site, unit = candidate.site, candidate.unit
    edit = site.options[candidate.option].edit
    assert edit is not None, "idle options are no candidates"
    stop = edit.end
    if edit.start == edit.end:  # something is missing: point at what it should stand before
        _, behind = unit.siblings(site.node)
        if behind >= 0 and unit.starts[behind] >= edit.end:
            stop = unit.ends[behind]
    written, proposed = (quoted(site.options[at].content) for at in (site.chosen, candidate.option))
    others = tuple((site.options[index].content, score) for index, score in candidate.others[:MOST_ALTERNATIVES])
    message = site.rule.message(written, proposed)
    why = evidence(source, around, candidate) if candidate.score > WORTH else ()
    return Proposal(site.rule.code, candidate.score, edit.start, edit.end, edit.content, stop, message, others, why)


def _sentence(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the code is nested too deeply to be analysed"
    if isinstance(error, MemoryError):
        return "there is not enough memory to analyse this file"
    return f"an error inside buglab, please report it ({type(error).__name__}: {error})"
