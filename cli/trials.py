"""``--verify``: the top repairs on trial with the project's own tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..scan.engine import Engine, processors
from ..scan.files import File
from ..scan.finding import Finding
from ..scan.judge import FileReport
from ..scan.repair import begin, repairable
from ..scan.suite import Suite
from ..scan.verify import Candidate, verify
from .say import say
from .tally import count

MOST_JOBS = 4
"""Runs of the tests side by side unless told otherwise: they may be heavy."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What ``--verify`` and its companions say."""

    command: str
    repairs: int
    timeout_s: float


def verified(
    engine: Engine, files: Sequence[File], reports: Sequence[FileReport], trial: Trial, root: Path, quiet: bool
) -> list[FileReport]:
    """The reports, with a verdict on the repairs that were tried: the most confident ones of files below ``root``."""
    here = Path.cwd()
    suite = Suite(trial.command, root, here if here.is_relative_to(root) else root, trial.timeout_s)
    inside = [one for one in begin(engine, files, reports) if one.file.path.resolve().is_relative_to(root.resolve())]
    begun = [one for one in inside if not one.problem]
    waiting = [
        Candidate(one.file_with(one.before), finding) for one in begun for finding in one.report.findings if repairable(finding)
    ]
    chosen = sorted(waiting, key=lambda candidate: -candidate.finding.confidence)[: trial.repairs]
    fresh = {one.file.path: one.report for one in begun}
    tell = (lambda sentence: None) if quiet else say
    tell(f"{count(len(chosen), 'repair')} of {len(waiting)} on trial in copies of {root}")
    if chosen:
        jobs = engine.jobs or max(min(processors() // 2, MOST_JOBS), 1)
        verdicts = verify(chosen, suite, jobs, tell)
        for candidate, verdict in zip(chosen, verdicts, strict=True):
            path = candidate.file.path
            fresh[path] = _with(fresh[path], replace(candidate.finding, verification=verdict))
    return [fresh.get(file.path, report) for file, report in zip(files, reports, strict=True)]


def _with(report: FileReport, finding: Finding) -> FileReport:
    findings = (finding if other.fingerprint == finding.fingerprint else other for other in report.findings)
    return replace(report, findings=tuple(findings))
