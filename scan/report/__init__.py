"""Output formats, one a file: each turns findings into pieces of text as they come."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..finding import Finding

FORMATS = {"full": "full", "concise": "concise", "json": "json", "json-lines": "json_lines"}
"""format -> module"""

COMPLETE = frozenset({"json", "json-lines"})
"""Formats for programs: they carry suppressed findings too, marked as such."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a report says beside the findings, and how."""

    model: str
    sha256: str
    colour: bool = False


class Format(Protocol):
    """A format: gives the report of ``findings`` piece by piece, without waiting for the last one."""

    def __call__(self, findings: Iterable[Finding], context: Context) -> Iterator[str]: ...


def format_by_name(name: str) -> Format:
    """The format called ``name``, a key of FORMATS."""
    render: Format = importlib.import_module(f".{FORMATS[name]}", __name__).render
    return render
