"""Which files of a source are left out, and why.  Every reason is counted in the report."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

HELD_OUT, VENDORED, GENERATED, TESTS, LARGE, MINIFIED, PYTHON2 = (
    "held out",
    "vendored",
    "generated",
    "tests",
    "too large",
    "minified",
    "Python 2",
)

_VENDOR = {"_vendor", "vendor", "_vendored", "vendored", "third_party", "thirdparty", "externals", "extern"}
_TESTS = {"test", "tests", "testing", "idle_test", "testdata", "test_data"}
_GENERATED_NAME = re.compile(r"(_pb2|_pb2_grpc|^(parsetab|lextab|yacctab|_version|versioneer|_parsetab))\.py$")
_GENERATED_MARK = re.compile(
    r"#.*@generated\b"
    r"|\b(?i:do not|don't) (?:EDIT|MODIFY)\b"
    r"|\b(?i:do not|don't) (?:edit|modify)(?: (?:it|this|file|directly|by|hand|manually))*\s*[.!;]*\s*$"
    r"|\b(?i:this (?:file|module|code|table|script|directory)\b.{0,40}\b(?:auto-?|automatically )?generated\b)"
    r"|^\s*(?:#|[\"']{3})\W*(?i:(?:warning|note)\W+)?(?i:(?:this )?(?:file )?(?:is |was )?"
    r"(?:auto-?|automatically |auto )generated\b|(?:file )?generated (?:by|from|with|using)\b)"
)
"""What a generated file says of itself.  Prose about things that other programs or an algorithm generate is no mark."""
_GENERATED_LINES = 30
"""Lines that are looked at; licences come first."""
_PYTHON2 = re.compile(
    r"^\s*(?:print\s+[\"'\w]|except\s+[\w.]+\s*,\s*\w+\s*:|raise\s+\w+\s*,\s*[\"'\w]|exec\s+[\"'\w])", re.MULTILINE
)


def by_path(path: str, tests: bool) -> str | None:
    """Why the file at ``path`` (with ``/``) is left out, as far as its name tells."""
    parts = PurePosixPath(path).parts
    if not _VENDOR.isdisjoint(parts[:-1]):
        return VENDORED
    if not tests and (not _TESTS.isdisjoint(parts[:-1]) or parts[-1].startswith("test_") or parts[-1] == "conftest.py"):
        return TESTS
    return GENERATED if _GENERATED_NAME.search(parts[-1]) else None


def by_content(text: str) -> str | None:
    """Why a file is left out for what stands in it."""
    lines = text.splitlines()
    if any(_GENERATED_MARK.search(line) for line in lines[:_GENERATED_LINES]):
        return GENERATED
    if lines and (len(text) / len(lines) > 160 or max(map(len, lines)) > 10_000):
        return MINIFIED
    return None


def looks_like_python2(text: str) -> bool:
    """For text that does not parse: whether statements that only Python 2 had are the likely cause."""
    return bool(_PYTHON2.search(text))
