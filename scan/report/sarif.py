"""SARIF 2.1.0, the format of code scanning services: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

Services refuse more results than MOST: then the most confident ones are kept, and a notification says how many are not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from heapq import nlargest
from itertools import count
from typing import Any
from urllib.parse import quote

from ... import __version__
from ..catalogue import Entry, catalogue
from ..finding import Finding, Fix, Location
from ..page import page
from . import Context

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
FINGERPRINT = "buglab/v1"
MOST = 5_000


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    number = count()
    kept = nlargest(MOST, ((finding.confidence, -next(number), finding) for finding in findings))
    left_out = next(number) - len(kept)
    rules = {entry.code: at for at, entry in enumerate(catalogue())}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "buglab",
                "semanticVersion": __version__,
                "rules": [_rule(entry) for entry in catalogue()],
            }
        },
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(left_out)}],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules[finding.code], context) for _, _, finding in kept],
        "properties": {"model": {"name": context.model, "sha256": context.sha256}},
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.code,
        "name": entry.name,
        "shortDescription": {"text": entry.summary},
        "fullDescription": {"text": f"{entry.summary}  {entry.why}"},
        "help": {"text": f"{entry.summary}\n\n{entry.why}", "markdown": page(entry)},
        "defaultConfiguration": {"level": "error" if entry.family == "engine" else "warning"},
        "properties": {"tags": [entry.family], "precision": "medium"},
    }


def _result(finding: Finding, rule: int, context: Context) -> dict[str, Any]:
    file = _artifact(finding.filename, context)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": file,
                    "region": _region(finding.location, finding.end_location),
                },
                "logicalLocations": [{"fullyQualifiedName": finding.function}],
            }
        ],
        "rank": round(100 * finding.confidence, 4),
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "suppressions": _suppressions(finding),
    }
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix, file)]
    return result


def _suppressions(finding: Finding) -> list[dict[str, str]]:
    """Always there: an empty list says that the finding is not suppressed."""
    return [{"kind": "inSource"}] * finding.suppressed + [{"kind": "external", "justification": "baseline"}] * finding.known


def _fix(fix: Fix, file: dict[str, str]) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.location, edit.end_location), "insertedContent": {"text": edit.content}}
        for edit in fix.edits
    ]
    return {
        "description": {"text": fix.message},
        "artifactChanges": [{"artifactLocation": file, "replacements": replacements}],
    }


def _artifact(filename: str, context: Context) -> dict[str, str]:
    """The file relative to the top of the repository; only what lies elsewhere has an absolute address."""
    name = context.from_top(filename)
    encoded = quote(name.encode("utf-8", "surrogateescape"))
    if name.startswith("/"):
        return {"uri": f"file://{encoded}"}
    if name[1:2] == ":":
        return {"uri": f"file:///{quote(name, safe='/:')}"}
    return {"uri": encoded, "uriBaseId": ROOT}


def _region(start: Location, end: Location) -> dict[str, int]:
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}


def _notifications(left_out: int) -> list[dict[str, Any]]:
    if not left_out:
        return []
    sentence = f"{left_out:,} less confident findings were left out: services read at most {MOST:,}."
    return [{"level": "warning", "message": {"text": sentence}}]
