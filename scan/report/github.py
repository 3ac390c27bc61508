"""Workflow commands, which GitHub Actions turns into annotations of a change.

Escaping: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts; the command itself:
https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..finding import Finding, Severity
from . import Context
from .terminal import percent


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    for finding in findings:
        command = "error" if finding.severity is Severity.ERROR else "warning"
        start, end = finding.location, finding.end_location
        place: dict[str, object] = {"file": context.from_top(finding.filename), "line": start.row, "endLine": end.row}
        if start.row == end.row:  # columns of several lines are refused
            place |= {"col": start.column, "endColumn": end.column}
        place["title"] = f"{finding.code} {finding.name}"
        listed = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
        chance = "" if finding.score is None else f" [{percent(finding.confidence)}]"
        yield f"::{command} {listed}::{_data(finding.message + chance)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
