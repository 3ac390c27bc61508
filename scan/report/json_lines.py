"""One JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ..finding import Finding
from . import Context
from .record import record


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    for finding in findings:
        yield json.dumps(record(finding, context), ensure_ascii=False) + "\n"
