"""The vocabulary of rewriting without a change of meaning: transformations, places, replacements.

Beside the rules, whose every option but one is a bug.  What counts as meaning is what a program computes and does; names in
tracebacks, line numbers and what a debugger sees are no part of it.  Nothing here is random.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from .source import Source


class Span(NamedTuple):
    """``text[start:end]``: a piece that stays as it is, but for what else is rewritten inside of it."""

    start: int
    end: int


class Replacement(NamedTuple):
    """Put ``parts`` in the place of ``text[start:end]``, which is not empty.

    Spans among the parts lie within the range and do not overlap: a replacement may move them, but not double them.  So many
    replacements go into one text at once, beside and inside each other.
    """

    start: int
    end: int
    parts: tuple[str | Span, ...] = ()


Way = tuple[Replacement, ...]
"""Replacements that belong together: all of them are made, or none."""


class Place(NamedTuple):
    """Where a transformation applies, and the ways in which it does: one, but for renaming.

    The ways of different places never contradict each other: whatever is chosen of those whose replacements fit into one text
    keeps the meaning.
    """

    transformation: Transformation
    ways: Sequence[Way]


class Transformation(ABC):
    """One kind of rewriting that keeps the meaning.

    A subclass has a kebab-case ``name`` of what is done, a ``summary`` (one sentence), a ``why`` (what makes it safe, and which
    places are left alone for it), and examples: pairs of text before and after.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    why: ClassVar[str]
    examples: ClassVar[tuple[tuple[str, str], ...]]

    @abstractmethod
    def places(self, source: Source) -> Iterator[Place]:
        """Yield the places of a file, in an order that depends on its text only."""
