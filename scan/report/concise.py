"""One line a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..finding import Finding
from . import Context
from .terminal import headline


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    for finding in findings:
        yield headline(finding, context) + "\n"
