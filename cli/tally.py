"""What a scan comes to: counts, the closing sentence, statistics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..scan.finding import Finding
from ..scan.judge import FileReport


@dataclass(slots=True)
class Tally:
    """Counts over all reports; suppressed findings are counted apart."""

    files: int = 0
    lines: int = 0
    units: int = 0
    found: int = 0
    suppressed: int = 0
    known: int = 0
    files_found: int = 0
    idle: int = 0
    """comments that were meant to suppress and do nothing"""
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, report: FileReport) -> None:
        self.files += 1
        self.lines += report.lines
        self.units += report.units
        counting = [finding for finding in report.findings if finding.counts]
        self.found += len(counting)
        self.suppressed += sum(finding.suppressed for finding in report.findings)
        self.known += sum(finding.known for finding in report.findings)
        self.files_found += bool(counting)
        self.idle += len(report.remarks)
        self.by_rule.update((finding.code, finding.name) for finding in counting)

    def sentence(self) -> str:
        apart = [f"{self.suppressed} suppressed"] * bool(self.suppressed) + [f"{self.known} in the baseline"] * bool(self.known)
        apart += [f"{count(self.idle, 'idle comment')}, -v shows them"] * bool(self.idle)
        hidden = f" ({', '.join(apart)})" if apart else ""
        if not self.found:
            return f"No findings in {count(self.files, 'file')}{hidden}."
        return f"{count(self.found, 'finding')} in {self.files_found} of {count(self.files, 'file')}{hidden}."

    def statistics(self, as_json: bool) -> Iterator[str]:
        """Findings per rule, the most frequent first."""
        ranked = sorted(self.by_rule.items(), key=lambda entry: (-entry[1], entry[0]))
        if as_json:
            yield json.dumps([{"code": code, "name": name, "count": times} for (code, name), times in ranked]) + "\n"
            return
        for (code, name), times in ranked:
            yield f"{times:>6}  {code}  {name}\n"


def most_confident(findings: Iterator[Finding], limit: int) -> list[Finding]:
    """The ``limit`` most confident findings in the order in which they came; suppressed and known ones neither count nor go."""
    found = list(findings)
    counting = [at for at, finding in enumerate(found) if finding.counts]
    kept = set(sorted(counting, key=lambda at: (-found[at].confidence, at))[:limit])
    return [finding for at, finding in enumerate(found) if not finding.counts or at in kept]


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
