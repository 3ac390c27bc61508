"""From what the detector said about a file's text to its findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from .assessment import Assessment, Proposal, Unit
from .catalogue import NOT_ANALYSED, rule_names
from .content import text_of
from .excerpt import Lines
from .files import File
from .finding import Alternative, Finding, Fix, Location, Replacement, Severity, quoted
from .fingerprint import Fingerprints, digest
from .model import Model
from .policy import Policy
from .suppress import suppressions


@dataclass(frozen=True, slots=True)
class Remark:
    """A suppressing comment that does nothing: no finding, for the next model may need it; counted, and shown with -v."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file."""

    shown: str
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    lines: int = 0
    units: int = 0


@dataclass(frozen=True)
class Version:
    """A content and what the detector said about it."""

    data: bytes
    assessment: Assessment

    @cached_property
    def text(self) -> str:
        """Decoded when somebody asks, which a scan in which nothing changed does for hardly any file.

        Empty where there is none; raises ValueError where nevertheless something was said about it.
        """
        try:
            return text_of(self.data)
        except (SyntaxError, LookupError, ValueError):
            if self.assessment.failure is None:
                raise ValueError("a text that cannot be decoded was assessed") from None
            return ""


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns assessments into findings, with what the model means by its scores and what the user wants to hear."""

    model: Model
    policy: Policy

    def report(self, file: File, now: Version, earlier: Version | None = None) -> FileReport:
        """The findings from the threshold on, suppressed ones marked, in order of place; and remarks on suppressing comments.

        With an ``earlier`` version, only findings in functions that differ from it, and that it had not already.
        """
        if (failure := now.assessment.failure) is not None:
            return self.failed(file, failure.sentence, failure.row, failure.column, now.text)
        found, remarks = self._findings(file, now)
        if earlier is not None and found:
            touched = touched_units(now, earlier)
            had = {finding.fingerprint for _, finding in self._findings(file, earlier)[0] if not finding.suppressed}
            found = [(unit, finding) for unit, finding in found if unit in touched and finding.fingerprint not in had]
        findings = tuple(finding for _, finding in found)
        return FileReport(file.shown, findings, tuple(remarks), now.assessment.lines, len(now.assessment.units))

    def failed(self, file: File, sentence: str, row: int = 1, column: int = 1, text: str | None = None) -> FileReport:
        """A file that could not be analysed."""
        reported = "BL000" in self.policy.codes_for(file.key)
        finding = not_analysed(file, sentence, row, column, text)
        return FileReport(file.shown, (finding,) if reported else (), lines=count_lines(text or ""))

    def _findings(self, file: File, version: Version) -> tuple[list[tuple[int, Finding]], list[Remark]]:
        """(index of the unit, finding) in order of place; and the remarks.

        A comment is of use if it silences what would be found at the model's own threshold: a stricter run does not make it
        idle.
        """
        said = version.assessment
        codes, threshold = self.policy.codes_for(file.key), self.policy.threshold_for(file.key)
        quiet = self._is_quiet(said, codes, min(threshold, self.model.threshold))
        if quiet and not said.remarked:
            return [], []
        text, lines = version.text, Lines(version.text)
        silent = suppressions(text)
        found: list[tuple[int, int, Finding]] = []
        for index, unit in enumerate(() if quiet else said.units):
            best = next((proposal for proposal in unit.proposals if proposal.code in codes), None)
            if best is None:
                continue
            probability = self.model.confidence(best.code, best.score)
            if probability < min(threshold, self.model.threshold):
                continue
            suppressed = silent.silence(best.start, best.code, rule_names()[best.code])
            if probability < threshold:
                continue
            found.append((index, best.start, self._finding(file, unit, best, probability, suppressed, lines)))
        found.sort(key=lambda entry: entry[2].order)
        remarks = [Remark(lines.position(at).row, sentence) for at, sentence in sorted(silent.remarks(codes))]
        signed = Fingerprints(file.key, text).assign((start, finding) for _, start, finding in found)
        return [(index, finding) for (index, _, _), finding in zip(found, signed, strict=True)], remarks

    def _is_quiet(self, said: Assessment, codes: Collection[str], threshold: float) -> bool:
        """Whether all proposals stay below the threshold, for a higher score of the same rule is never less probable."""
        return all(self.model.confidence(code, score) < threshold for code, score in said.highest.items() if code in codes)

    def _finding(
        self, file: File, unit: Unit, proposal: Proposal, probability: float, suppressed: bool, lines: Lines
    ) -> Finding:
        start, end, stop = (lines.position(at) for at in (proposal.start, proposal.end, proposal.stop))
        return Finding(
            code=proposal.code,
            name=rule_names()[proposal.code],
            filename=file.shown,
            function=unit.name,
            location=start,
            end_location=stop,
            message=proposal.message,
            confidence=probability,
            score=proposal.score,
            severity=Severity.WARNING,
            fix=Fix(
                _instruction(lines.text[proposal.start : proposal.end], proposal.content),
                (Replacement(proposal.content, start, end),),
            ),
            alternatives=tuple(
                Alternative(content, self.model.confidence(proposal.code, score)) for content, score in proposal.others
            ),
            suppressed=suppressed,
            evidence=proposal.evidence,
            excerpt=lines.around(start, stop),
        )


def touched_units(now: Version, earlier: Version) -> set[int]:
    """The indices of the units whose own text, without that of units inside them, is that of no unit of the same name in
    ``earlier``.  Line ends do not count."""
    before = Counter(_own_texts(earlier))
    touched = set()
    for index, key in enumerate(_own_texts(now)):
        if before[key]:
            before[key] -= 1
        else:
            touched.add(index)
    return touched


def _own_texts(version: Version) -> list[tuple[str, str]]:
    """(name, own text) of each unit."""
    units = version.assessment.units
    inner: list[list[tuple[int, int]]] = [[] for _ in units]
    around: list[int] = []
    for index in sorted(range(len(units)), key=lambda index: (units[index].start, -units[index].end)):
        unit = units[index]
        while around and units[around[-1]].end < unit.end:
            around.pop()
        if around:
            inner[around[-1]].append((unit.start, unit.end))
        around.append(index)
    return [(unit.name, _own_text(version.text, unit, inside)) for unit, inside in zip(units, inner, strict=True)]


def _own_text(text: str, unit: Unit, inside: Sequence[tuple[int, int]]) -> str:
    starts = [unit.start, *(end for _, end in inside)]
    ends = [*(start for start, _ in inside), unit.end]
    return "\0".join("\n".join(text[start:end].splitlines()) for start, end in zip(starts, ends, strict=True))


def not_analysed(file: File, sentence: str, row: int = 1, column: int = 1, text: str | None = None) -> Finding:
    """Finding BL000.  ``text`` is the file's text where it could be decoded."""
    place = Location(row, max(column, 1))
    return Finding(
        code=NOT_ANALYSED.code,
        name=NOT_ANALYSED.name,
        filename=file.shown,
        function="<module>",
        location=place,
        end_location=place,
        message=sentence,
        confidence=1.0,
        score=None,
        severity=Severity.ERROR,
        fingerprint=digest(NOT_ANALYSED.code, file.key, "<module>", "", "0"),
        excerpt=Lines(text).around(place, place) if text else None,
    )


def count_lines(text: str) -> int:
    """Physical lines."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def _instruction(old: str, new: str) -> str:
    if not old:
        return f"Insert `{quoted(new)}`"
    if not new.strip():
        return f"Delete `{quoted(old)}`"
    return f"Replace `{quoted(old)}` with `{quoted(new)}`"
