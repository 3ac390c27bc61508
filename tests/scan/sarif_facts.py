"""What SARIF 2.1.0 says about the objects that we write (OASIS standard, section 3): property -> type, and which are required.

``None`` for a type means any string that is not empty; a name means another object of this table; a list means an array of it.
"""

from __future__ import annotations

from typing import Any

LEVELS = {"none", "note", "warning", "error"}
OBJECTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "log": ({"$schema": str, "version": {"2.1.0"}, "runs": ["run"]}, {"version", "runs"}),
    "run": (
        {
            "tool": "tool",
            "invocations": ["invocation"],
            "originalUriBaseIds": dict,
            "columnKind": {"utf16CodeUnits", "unicodeCodePoints"},
            "results": ["result"],
            "properties": dict,
        },
        {"tool"},
    ),
    "tool": ({"driver": "component"}, {"driver"}),
    "component": ({"name": str, "semanticVersion": str, "rules": ["descriptor"]}, {"name"}),
    "descriptor": (
        {
            "id": str,
            "name": str,
            "shortDescription": "text",
            "fullDescription": "text",
            "help": "text",
            "defaultConfiguration": "configuration",
            "properties": dict,
        },
        {"id"},
    ),
    "configuration": ({"level": LEVELS}, set()),
    "text": ({"text": str, "markdown": str}, {"text"}),
    "message": ({"text": str}, {"text"}),
    "invocation": ({"executionSuccessful": bool, "toolExecutionNotifications": ["notification"]}, {"executionSuccessful"}),
    "notification": ({"level": LEVELS, "message": "message"}, {"message"}),
    "result": (
        {
            "ruleId": str,
            "ruleIndex": int,
            "level": LEVELS,
            "message": "message",
            "locations": ["location"],
            "rank": float,
            "partialFingerprints": dict,
            "suppressions": ["suppression"],
            "fixes": ["fix"],
        },
        {"message"},
    ),
    "location": ({"physicalLocation": "physical", "logicalLocations": ["logical"]}, set()),
    "physical": ({"artifactLocation": "artifact", "region": "region"}, set()),
    "logical": ({"fullyQualifiedName": str}, set()),
    "artifact": ({"uri": str, "uriBaseId": str}, set()),
    "region": ({"startLine": int, "startColumn": int, "endLine": int, "endColumn": int}, set()),
    "suppression": ({"kind": {"inSource", "external"}, "justification": str}, {"kind"}),
    "fix": ({"description": "message", "artifactChanges": ["change"]}, {"artifactChanges"}),
    "change": ({"artifactLocation": "artifact", "replacements": ["replacement"]}, {"artifactLocation", "replacements"}),
    "replacement": ({"deletedRegion": "region", "insertedContent": "content"}, {"deletedRegion"}),
    "content": ({"text": str}, set()),
}


def faults(value: Any, kind: Any, where: str) -> list[str]:
    """What is wrong with ``value`` as an object of ``kind``."""
    if isinstance(kind, list):
        if not isinstance(value, list):
            return [f"{where} is no array"]
        return [fault for at, item in enumerate(value) for fault in faults(item, kind[0], f"{where}[{at}]")]
    if isinstance(kind, set):
        return [] if value in kind else [f"{where} is {value!r}"]
    if isinstance(kind, type):
        number = kind is float and isinstance(value, int | float) and not isinstance(value, bool)
        return [] if isinstance(value, kind) or number else [f"{where} is {value!r}"]
    properties, required = OBJECTS[kind]
    found = [f"{where} lacks {name}" for name in sorted(required - set(value))]
    for name, item in value.items():
        found += (
            faults(item, properties[name], f"{where}.{name}") if name in properties else [f"{where}.{name} is no such property"]
        )
    return found
