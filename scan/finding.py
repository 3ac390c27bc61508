"""The public record of a finding, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .verification import Verification

LONGEST_QUOTE = 60
"""Characters of code quoted in a sentence."""


class Severity(StrEnum):
    """How a finding is to be taken: a learnt one is a warning, a file that could not be analysed an error."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; both counts start at 1 and columns count characters."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text between two locations (end exclusive) becomes ``content``."""

    content: str
    location: Location
    end_location: Location


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed repair.  A learnt repair is never safe."""

    message: str
    edits: tuple[Replacement, ...]
    applicability: str = "unsafe"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to write the same place."""

    content: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The lines around a finding as they were when the file was read; ``first_row`` counts from 1."""

    first_row: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.  ``score`` is None where no network was asked (BL000)."""

    code: str
    name: str
    filename: str
    function: str
    location: Location
    end_location: Location
    message: str
    confidence: float
    score: float | None
    severity: Severity
    fix: Fix | None = None
    alternatives: tuple[Alternative, ...] = ()
    fingerprint: str = ""
    suppressed: bool = False
    """silenced by a comment"""
    known: bool = False
    """listed in the baseline"""
    evidence: tuple[str, ...] = ()
    """sentences on what in the code speaks for the repair"""
    excerpt: Excerpt | None = field(default=None, compare=False)
    verification: Verification | None = None
    """what the project's own tests say to the repair, if they were asked"""

    @property
    def counts(self) -> bool:
        """Whether it is news: neither suppressed nor in the baseline."""
        return not (self.suppressed or self.known)

    @property
    def order(self) -> tuple[Location, str]:
        """Where the finding stands among those of its file."""
        return self.location, self.code


def quoted(code: str) -> str:
    """``code`` on one line, shortened."""
    line = " ".join(code.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"
