"""The vocabulary of rewriting: rules, sites, options, edits.

A function is a fixed skeleton plus one choice per *site*; a site lists its *options* in a fixed order and the code as written
selects one of them.  Rewriting moves one choice.  Nothing here is random and nothing here knows of graphs.

No rewrite of any rule changes which sites a unit has, and which options: a reader could tell from it that there was one.
Where what is written decides whether another option makes sense (swapping two equal arguments, ``-2 ** n``), the option
stays and is *idle*: it has no edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
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


@lru_cache(maxsize=10_000)
def relabels(label: str, texts: tuple[str, ...]) -> tuple[Relabel, ...]:
    """The changes of a token into others of one label; the same object for the same texts."""
    return tuple(Relabel(label, text) for text in texts)


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


class Site:
    """A place where a small bug could sit.

    ``node`` indexes the unit's skeleton; ``options`` are in the rule's documented order and do not depend on which of them is
    selected; ``chosen`` is the index of the one the code as written selects.
    """

    __slots__ = ("_contents", "_options", "_place", "_texts", "changes", "chosen", "idle", "node", "rule")

    rule: Rule
    node: int
    changes: Sequence[Change]
    """what each option changes"""
    chosen: int
    idle: Sequence[int]
    """options without an edit, ``chosen`` among them"""
    _place: tuple[int, int]
    _contents: Sequence[str]
    _texts: Sequence[str]
    _options: tuple[Option, ...] | None

    def __init__(self, rule: Rule, node: int, options: Iterable[Option], chosen: int) -> None:
        self.rule, self.node, self.chosen = rule, node, chosen
        self._options = tuple(options)
        self.changes = [option.change for option in self._options]
        self.idle = [index for index, option in enumerate(self._options) if option.edit is None]

    @classmethod
    def exchange(
        cls,
        rule: Rule,
        node: int,
        place: tuple[int, int],
        contents: Sequence[str],
        changes: Sequence[Change],
        chosen: int,
        idle: Sequence[int] | None = None,
        texts: Sequence[str] | None = None,
    ) -> Site:
        """The site whose options put their ``texts`` (their contents, if None) in one place, a range of character offsets.

        ``idle`` lists the options that have no edit, ``chosen`` among them; None stands for it alone.  A graph needs only the
        changes of its many options, so the options themselves are made when they are asked for.
        """
        site = cls.__new__(cls)
        site.rule, site.node, site.chosen, site.changes = rule, node, chosen, changes
        site.idle = (chosen,) if idle is None else idle
        site._place, site._contents, site._texts, site._options = place, contents, contents if texts is None else texts, None
        return site

    @property
    def options(self) -> tuple[Option, ...]:
        if self._options is None:
            start, end = self._place
            self._options = tuple(
                Option(content, change, None if index in self.idle else Edit(start, end, text))
                for index, (content, change, text) in enumerate(zip(self._contents, self.changes, self._texts, strict=True))
            )
        return self._options


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
    def sites(self, unit: Unit, node: int) -> Iterable[Site]:
        """The sites at skeleton node ``node``, whose LibCST node has a type in ``looks_at``, its label in ``labels``."""

    def message(self, written: str, proposed: str) -> str:
        """The sentence shown to the user."""
        return f"`{written}` is probably wrong here; `{proposed}` fits better"
