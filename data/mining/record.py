"""What is written down about a change: facts and identifiers, never the code, which stays in the repository."""

from __future__ import annotations

import msgspec


class Match(msgspec.Struct, frozen=True):
    """The rewrite that the change undoes."""

    code: str
    """of the rule"""
    row: int
    """1-based place of the wrong choice in the file before the change"""
    column: int
    before: str
    """what was written; long pieces are cut"""
    after: str


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One function that one commit changed by one small edit."""

    commit: str
    time: int
    """seconds since 1970"""
    subject: str
    """first line of the message"""
    path: str
    function: str
    row: int
    """1-based, of the first changed line before the change"""
    kind: str
    """what became what; see ``difference.kind``"""
    before: int
    """fingerprint of the function's tokens before"""
    after: int
    files: int
    """Python files that the commit modifies"""
    hunks: int
    """places that it changes in them"""
    flags: tuple[str, ...] = ()
    """see ``signs.py``"""
    matches: tuple[Match, ...] = ()
    """more than one where several rules know the same edit"""


class Tally(msgspec.Struct):
    """How much was looked at."""

    commits: int = 0
    """with one parent"""
    python_commits: int = 0
    """that modify Python files"""
    wide_commits: int = 0
    """that modify too many, and were left out"""
    examined: int = 0
    """whose changes were looked at"""
    missing: int = 0
    """that could not be read, because the clone lacks something of them"""
    files: int = 0
    """modified, in those commits, without those of tests, vendored, generated and held out"""
    hunks: int = 0
    functions: int = 0
    """changed by a small edit and perhaps others: compared token by token"""
    unreadable: int = 0
    """files that are no Python 3"""
    repeated: int = 0
    """small edits that a commit makes in many places"""

    def add(self, other: Tally) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Chunk(msgspec.Struct):
    """What a stretch of history gave: the unit of work and of resumption, one line of a log."""

    key: str
    """hash of its commits"""
    tally: Tally
    changes: list[Change]


class Header(msgspec.Struct, frozen=True):
    """First line of a log: what besides the history decides what follows."""

    project: str
    walk: str
    """version of the walk and its settings"""
    rules: str
    """version of the rules by which changes were matched"""


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """A change that is probably the repair of a real bug, as it is published: where to find it, and nothing of the code."""

    project: str
    """``owner/name``"""
    commit: str
    path: str
    function: str
    code: str
    """of the rule"""
    row: int
    """1-based place of the wrong choice in the file before the change"""
    column: int
    flags: tuple[str, ...] = ()
    """see ``signs.py``"""
