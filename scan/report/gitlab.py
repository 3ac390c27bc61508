"""A Code Quality report for GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..finding import Finding, Location, Severity
from . import Context
from .terminal import percent

SEVERITY = {Severity.WARNING: "minor", Severity.ERROR: "major"}


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    separator = "[\n  "
    for finding in findings:
        yield separator + json.dumps(_issue(finding, context), ensure_ascii=False)
        separator = ",\n  "
    yield "[]\n" if separator.startswith("[") else "\n]\n"


def _issue(finding: Finding, context: Context) -> dict[str, Any]:
    chance = "" if finding.score is None else f" [{percent(finding.confidence)}]"
    return {
        "description": f"{finding.code} {finding.message}{chance}",
        "check_name": finding.name,
        "fingerprint": finding.fingerprint,
        "severity": SEVERITY[finding.severity],
        "location": {
            "path": context.from_top(finding.filename),
            "positions": {"begin": _position(finding.location), "end": _position(finding.end_location)},
        },
    }


def _position(location: Location) -> dict[str, int]:
    return {"line": location.row, "column": location.column}
