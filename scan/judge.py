"""From the best candidates of a file's units to its findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from ..rewrites.base import Edit
from ..rewrites.source import Source
from .candidates import Candidate
from .catalogue import NOT_ANALYSED
from .evidence import evidence
from .excerpt import Lines
from .files import File
from .finding import Alternative, Finding, Fix, Location, Replacement, Severity, quoted
from .fingerprint import Fingerprints, digest
from .suppress import suppressions

MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """A suppressing comment that does nothing: no finding, for the next model may need it; counted, and shown with -v."""

    row: int
    sentence: str


def judge(
    file: File,
    source: Source,
    candidates: Iterable[Candidate],
    confidence: Callable[[str, float], float],
    threshold: float,
    usual: float,
    asked: Collection[str],
) -> tuple[list[Finding], list[Remark]]:
    """The findings from ``threshold`` on, suppressed ones marked, in order of place; and remarks on suppressing comments.

    A comment is of use if it silences what would be found at the ``usual`` threshold: a stricter run does not make it idle.
    ``asked`` are the rules that are looked for.
    """
    silent = suppressions(source.text)
    lines = Lines(source.text)
    found: list[tuple[int, Finding]] = []
    for candidate in candidates:
        rule, edit = candidate.site.rule, candidate.site.options[candidate.option].edit
        probability = confidence(rule.code, candidate.score)
        if probability < min(threshold, usual) or edit is None:
            continue
        suppressed = silent.silence(edit.start, rule.code, rule.name)
        if probability < threshold:
            continue
        found.append((edit.start, _finding(file, source, candidate, edit, confidence, probability, suppressed, lines)))
    found.sort(key=lambda pair: pair[1].order)
    remarks = [Remark(source.position(at)[0], sentence) for at, sentence in sorted(silent.remarks(asked))]
    return Fingerprints(file.key, source.text).assign(found), remarks


def _finding(
    file: File,
    source: Source,
    candidate: Candidate,
    edit: Edit,
    confidence: Callable[[str, float], float],
    probability: float,
    suppressed: bool,
    lines: Lines,
) -> Finding:
    site, unit = candidate.site, candidate.unit
    rule = site.rule
    start, end = Location(*source.position(edit.start)), Location(*source.position(edit.end))
    stop = end
    if edit.start == edit.end:  # something is missing: point at what it should stand before
        _, behind = unit.siblings(site.node)
        if behind >= 0 and unit.starts[behind] >= edit.end:
            stop = Location(*source.position(unit.ends[behind]))
    written, proposed = (quoted(site.options[at].content) for at in (site.chosen, candidate.option))
    alternatives = tuple(
        Alternative(site.options[index].content, confidence(rule.code, score))
        for index, score in candidate.others[:MOST_ALTERNATIVES]
    )
    return Finding(
        code=rule.code,
        name=rule.name,
        filename=file.shown,
        function=unit.name,
        location=start,
        end_location=stop,
        message=rule.message(written, proposed),
        confidence=probability,
        score=candidate.score,
        severity=Severity.WARNING,
        fix=Fix(_instruction(source.text[edit.start : edit.end], edit.content), (Replacement(edit.content, start, end),)),
        alternatives=alternatives,
        suppressed=suppressed,
        evidence=evidence(source, candidate),
        excerpt=lines.around(start, stop),
    )


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


def _instruction(old: str, new: str) -> str:
    if not old:
        return f"Insert `{quoted(new)}`"
    if not new.strip():
        return f"Delete `{quoted(old)}`"
    return f"Replace `{quoted(old)}` with `{quoted(new)}`"
