"""A finding as plain data: the public schema that the formats for programs share."""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict

from ..finding import Finding, Fix, Location, Replacement
from ..verification import Verdict, Verification
from . import Context

SCHEMA_VERSION: Final = 1


class Place(TypedDict):
    """A place in a file, counted from 1; columns count characters."""

    row: int
    column: int


class Edit(TypedDict):
    """The text between two places (end exclusive) becomes ``content``."""

    content: str
    location: Place
    end_location: Place


class Repair(TypedDict):
    """A proposed repair.  A learnt one is never safe."""

    applicability: Literal["unsafe"]
    message: str
    edits: list[Edit]


class Other(TypedDict):
    """Another way to write the same place."""

    content: str
    confidence: float


class Trial(TypedDict):
    """What the project's own tests say to a repair: the tests that it mends and those that it breaks.

    Repairs with the same ``group`` changed the same tests in the same way.
    """

    verdict: Verdict
    reason: str
    fixed: list[str]
    broken: list[str]
    group: int


class Model(TypedDict):
    """The detector that was asked."""

    name: str
    sha256: str


class Record(TypedDict):
    """A finding.  All keys are always there.

    ``score`` and ``fix`` are null for BL000, where no network was asked, ``verification`` where no tests were.  ``confidence``
    is the calibrated probability that it is a real bug, ``score`` what it is made of: the raw log-odds of this rewrite against
    NO_BUG, or of being right where the model has weights for that.  A finding that a comment silences or the baseline lists has
    ``suppressed`` true and does not count for the exit code.
    """

    schema_version: Literal[1]
    code: str
    name: str
    filename: str
    function: str
    location: Place
    end_location: Place
    message: str
    confidence: float
    score: float | None
    severity: Literal["warning", "error"]
    fix: Repair | None
    alternatives: list[Other]
    fingerprint: str
    suppressed: bool
    verification: Trial | None
    url: str
    model: Model


def record(finding: Finding, context: Context) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "code": finding.code,
        "name": finding.name,
        "filename": finding.filename,
        "function": finding.function,
        "location": _place(finding.location),
        "end_location": _place(finding.end_location),
        "message": finding.message,
        "confidence": round(finding.confidence, 6),
        "score": None if finding.score is None else round(finding.score, 6),
        "severity": finding.severity.value,
        "fix": None if finding.fix is None else _repair(finding.fix),
        "alternatives": [
            {"content": other.content, "confidence": round(other.confidence, 6)} for other in finding.alternatives
        ],
        "fingerprint": finding.fingerprint,
        "suppressed": not finding.counts,
        "verification": None if finding.verification is None else _trial(finding.verification),
        "url": f"docs/rules/{finding.code}.md",
        "model": {"name": context.model, "sha256": context.sha256},
    }


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the format ``json``; a line of ``json-lines`` is one item of it."""
    import msgspec

    (own,), parts = msgspec.json.schema_components([list[Record]], ref_template="#/$defs/{name}")
    for part in parts.values():
        part["description"] = " ".join(part["description"].split())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "buglab findings", **own, "$defs": parts}


def _trial(found: Verification) -> Trial:
    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "fixed": list(found.fixed),
        "broken": list(found.broken),
        "group": found.group,
    }


def _place(location: Location) -> Place:
    return {"row": location.row, "column": location.column}


def _repair(fix: Fix) -> Repair:
    return {"applicability": "unsafe", "message": fix.message, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: Replacement) -> Edit:
    return {"content": edit.content, "location": _place(edit.location), "end_location": _place(edit.end_location)}
