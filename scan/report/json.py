"""One JSON array of findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ..finding import Finding
from . import Context
from .record import record


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    separator = "[\n  "
    for finding in findings:
        yield separator + json.dumps(record(finding, context), ensure_ascii=False)
        separator = ",\n  "
    yield "[]\n" if separator.startswith("[") else "\n]\n"
