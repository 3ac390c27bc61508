"""A finding as plain data: the public schema that the formats for programs share."""

from __future__ import annotations

from typing import Any

from ..finding import Finding, Location, Replacement
from ..verification import Verification
from . import Context

SCHEMA_VERSION = 1


def record(finding: Finding, context: Context) -> dict[str, Any]:
    """All keys are always there.  ``score`` and ``fix`` are null for BL000, where no network was asked.

    Locations count from 1, in characters.  ``confidence`` is the calibrated probability that this is a real bug, ``score`` the
    raw log-odds of this rewrite against NO_BUG.  A suppressed finding is listed with ``suppressed`` true and does not count for
    the exit code.
    """
    fix = finding.fix
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
        "severity": str(finding.severity),
        "fix": fix
        and {"applicability": fix.applicability, "message": fix.message, "edits": [_edit(edit) for edit in fix.edits]},
        "alternatives": [
            {"content": other.content, "confidence": round(other.confidence, 6)} for other in finding.alternatives
        ],
        "fingerprint": finding.fingerprint,
        "suppressed": finding.suppressed,
        "verification": finding.verification and _verification(finding.verification),
        "url": f"docs/rules/{finding.code}.md",
        "model": {"name": context.model, "sha256": context.sha256},
    }


def _verification(found: Verification) -> dict[str, Any]:
    return {
        "verdict": found.verdict.value,
        "reason": found.reason,
        "fixed": list(found.fixed),
        "broken": list(found.broken),
        "group": found.group,
    }


def _place(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}


def _edit(edit: Replacement) -> dict[str, Any]:
    return {"content": edit.content, "location": _place(edit.location), "end_location": _place(edit.end_location)}
