"""The findings a project has decided to live with, in a sorted JSON file that is kept with the code.

A baseline is a multiset of fingerprints: as many findings of a fingerprint are known as it has entries.  It shrinks by itself
(``update`` drops what is no longer found) and grows only by ``write``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from .errors import CannotScan
from .finding import Finding
from .judge import FileReport

VERSION = 1

Asked = Callable[[str], Collection[str]]
"""The rules that are looked for in the file at a path relative to the project's root."""


class BaselineError(CannotScan):
    """A baseline that cannot be read."""


class Entry(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """One known finding; only ``fingerprint`` identifies it, the rest is for people and for partial scans.

    ``path`` is relative to the project's root, so that the file means the same in every checkout.
    """

    path: str
    function: str
    code: str
    fingerprint: str
    message: str


class Baseline(msgspec.Struct, forbid_unknown_fields=True):
    """What the file holds; ``model`` and ``sha256`` are those of the detector at the last ``write``."""

    model: str
    sha256: str
    entries: list[Entry]
    version: int = VERSION

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Raises BaselineError with a sentence on what to do."""
        again = "write it again with `buglab baseline write`"
        try:
            found = msgspec.convert(json.loads(path.read_bytes()), cls)
        except FileNotFoundError:
            raise BaselineError(f"there is no baseline {path}; `buglab baseline write` makes one") from None
        except OSError as error:
            raise BaselineError(f"cannot read the baseline {path}: {error.strerror or error}") from None
        except (msgspec.ValidationError, ValueError, RecursionError) as error:
            raise BaselineError(f"the baseline {path} is damaged ({error}); take it from version control, or {again}") from None
        if found.version != VERSION:
            raise BaselineError(f"the baseline {path} has version {found.version}, this buglab reads {VERSION}; {again}")
        return found

    def text(self) -> str:
        """The file's text: sorted, so that a change of it reads well in a review."""
        ordered = msgspec.structs.replace(self, entries=sorted(self.entries))
        return json.dumps(msgspec.to_builtins(ordered), indent=1, ensure_ascii=False) + "\n"  # names may be no text

    def strange_to(self, model: str, sha256: str) -> str:
        """A sentence if another model wrote this baseline, else empty."""
        if sha256 == self.sha256:
            return ""
        return (
            f"the baseline was written with model {self.model} ({self.sha256[:12]}), this is {model} ({sha256[:12]}): other "
            "findings are to be expected; `buglab baseline write` accepts them"
        )


class Known:
    """Marks the findings of a scan that a baseline lists.

    A fingerprint belongs to one file, so every report is marked by itself; a file may be scanned again, as repairing does.
    """

    def __init__(self, baseline: Baseline) -> None:
        self.entries = baseline.entries
        self.listed = Counter(entry.fingerprint for entry in baseline.entries)
        self.found: Counter[str] = Counter()

    def mark(self, report: FileReport) -> FileReport:
        """The report with the findings in the baseline marked as known."""
        taken: Counter[str] = Counter()
        findings = tuple(self._marked(finding, taken) for finding in report.findings)
        self.found |= taken
        return replace(report, findings=findings)

    def gone(self, scanned: Collection[str], asked: Asked) -> int:
        """How many entries were looked for and not found, once all reports have passed."""
        looked_for = Counter(
            entry.fingerprint for entry in self.entries if entry.path in scanned and entry.code in asked(entry.path)
        )
        return (looked_for - self.found).total()

    def _marked(self, finding: Finding, taken: Counter[str]) -> Finding:
        if finding.suppressed or taken[finding.fingerprint] >= self.listed[finding.fingerprint]:
            return finding
        taken[finding.fingerprint] += 1
        return replace(finding, known=True)


def entries(findings: Iterable[tuple[str, Finding]]) -> list[Entry]:
    """Entries for findings, given with their files' paths relative to the project's root; suppressed ones need none."""
    return sorted(
        Entry(path, finding.function, finding.code, finding.fingerprint, finding.message)
        for path, finding in findings
        if not finding.suppressed
    )


def remaining(baseline: Baseline, found: Iterable[Entry], scanned: Collection[str], asked: Asked) -> list[Entry]:
    """The entries of ``baseline`` that still stand: found again, or not looked for.

    ``scanned`` are the paths that were scanned or are gone.
    """
    again = Counter(entry.fingerprint for entry in found)
    kept: list[Entry] = []
    for entry in sorted(baseline.entries):
        if entry.path in scanned and entry.code in asked(entry.path):
            if not again[entry.fingerprint]:
                continue
            again[entry.fingerprint] -= 1
        kept.append(entry)
    return kept
