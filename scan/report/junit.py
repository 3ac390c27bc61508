"""JUnit XML as CI servers read it: a test suite for each file with findings, a failed case for each finding.

There is no standard; element and attribute names are those of https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import quoteattr

from ..finding import Finding
from . import Context
from .full import plain
from .terminal import percent

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="buglab">\n'
    empty = True
    for filename, group in groupby(findings, key=lambda finding: context.from_top(finding.filename)):
        empty = False
        cases = list(group)
        errors = sum(finding.score is None for finding in cases)
        counts = f'tests="{len(cases)}" failures="{len(cases) - errors}" errors="{errors}"'
        yield f"  <testsuite name={_attribute(filename)} {counts}>\n"
        for finding in cases:
            yield from _case(finding, filename, context)
        yield "  </testsuite>\n"
    if empty:  # some servers take a report without a test for a failed job
        yield '  <testsuite name="buglab" tests="1" failures="0" errors="0">\n'
        yield '    <testcase name="no findings" classname="buglab"/>\n  </testsuite>\n'
    yield "</testsuites>\n"


def _case(finding: Finding, filename: str, context: Context) -> Iterator[str]:
    name = f"{finding.code} {finding.name} in {finding.function}"
    chance = "" if finding.score is None else f" [{percent(finding.confidence)}]"
    place = f'file={_attribute(filename)} line="{finding.location.row}" column="{finding.location.column}"'
    kind = "error" if finding.score is None else "failure"
    yield f"    <testcase name={_attribute(name)} classname={_attribute(filename)} {place}>\n"
    yield f'      <{kind} type="{finding.code}" message={_attribute(finding.message + chance)}>'
    yield _text(plain(finding, context)) + f"</{kind}>\n    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(text: str) -> str:
    cleaned = _FORBIDDEN.sub("\ufffd", text)
    return cleaned.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
