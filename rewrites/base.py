"""The vocabulary of rewriting: rules, sites, options, edits.

A function is a fixed skeleton plus one choice per *site*; a site lists its *options* in a fixed order and the code as written
selects one of them.  Rewriting moves one choice.  Nothing here is random and nothing here knows of graphs.

No rewrite of any rule changes which sites a unit has, and which options: a reader could tell from it that there was one.
Where what is written decides whether another option makes sense (swapping two equal arguments, ``-2 ** n``), the option
stays and is *idle*: it has no edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import libcst as cst

if TYPE_CHECKING:
    from .unit import Unit


class Edit(NamedTuple):
    """Replace ``text[start:end]`` (character offsets) by ``content``; all other bytes stay."""

    start: int
    end: int
    content: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.content + text[self.end :]

    def inverse(self, text: str) -> Edit:
        """The edit that restores ``text`` once this one has been applied to it."""
        return Edit(self.start, self.start + len(self.content), text[self.start : self.end])


class Relabel(NamedTuple):
    """The token becomes another operator, literal, attribute or slot filler: its label and text change, nothing else."""

    label: str
    text: str = ""


class Rename(NamedTuple):
    """The name token refers to another symbol of the unit."""

    symbol: int


class Member(NamedTuple):
    """The attribute token of the receiver (``self.x``) refers to another member of the class."""

    name: str


class Swap(NamedTuple):
    """Two sibling subtrees, or the values of two keyword arguments, exchange their places."""

    first: int
    second: int


Change = Relabel | Rename | Member | Swap


class Option(NamedTuple):
    """One way to write a site.  ``edit`` is None for the option that the code as written selects, and for idle ones."""

    content: str
    change: Change
    edit: Edit | None


class Site(NamedTuple):
    """A place where a small bug could sit.

    ``node`` indexes the unit's skeleton; ``options`` are in the rule's documented order and do not depend on which of them is
    selected; ``chosen`` is the index of the one the code as written selects.
    """

    rule: Rule
    node: int
    options: tuple[Option, ...]
    chosen: int


_new = tuple.__new__
"""Makes a named tuple in half the time, which is most of the time that sites take."""


def choice(
    rule: Rule, node: int, place: tuple[int, int], contents: Sequence[str], changes: Sequence[Change], chosen: int
) -> Site:
    """The site whose options put their contents in the same place, from a character offset to another."""
    start, end = place
    edits = map(_new, repeat(Edit), zip(repeat(start), repeat(end), contents))  # noqa: B905  # the contents end it
    options = list(map(_new, repeat(Option), zip(contents, changes, edits, strict=True)))
    options[chosen] = Option(contents[chosen], changes[chosen], None)
    return Site(rule, node, tuple(options), chosen)


@dataclass(frozen=True, slots=True)
class Example:
    """A pair of snippets that differ in one choice.  Tests, documentation pages and the demo are all made from it."""

    right: str
    wrong: str


class Rule(ABC):
    """One kind of small bug.

    A subclass has a stable ``code`` (never reused), a kebab-case ``name`` of the fault, a ``summary`` (one sentence), a ``why``
    (what goes wrong at run time), the LibCST node types it looks at, and examples.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    why: ClassVar[str]
    looks_at: ClassVar[tuple[type[cst.CSTNode], ...]]
    examples: ClassVar[tuple[Example, ...]]
    labels: ClassVar[frozenset[str]] = frozenset()
    """Labels of the skeleton nodes that it looks at; any if empty."""

    @abstractmethod
    def sites(self, unit: Unit, node: int) -> Iterator[Site]:
        """Yield the sites at skeleton node ``node``, whose LibCST node is of a type in ``looks_at`` and its label in ``labels``."""

    def message(self, written: str, proposed: str) -> str:
        """The sentence shown to the user."""
        return f"`{written}` is probably wrong here; `{proposed}` fits better"
