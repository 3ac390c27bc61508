"""What around a change tells for or against the repair of a bug.  All is written down as flags; ``usable`` draws the line."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..filters import TESTS, by_path
from .diff import Commit
from .record import Change

TEST, REVERT, WORDED, CHORE = "test", "revert", "worded", "chore"
DEFINED, BOUND, REPEATED, VERSION = "defined", "bound", "repeated", "version"
"""Flags: in a test; undoes an earlier commit; the message speaks of a bug; of other work; the commit defines or redefines what
the changed tokens name; it binds or renames it; it makes the same edit elsewhere too; a number in a line about versions."""

MOST_FILES = 8
MOST_HUNKS = 12
"""Python files and places in them beyond which a commit is more than a repair."""

_BUG = re.compile(
    r"\b(?:bug|bugs|bugfix\w*|fix|fixe[sd]|fixing|fixup|hotfix|typos?|wrong\w*|incorrect\w*|mistake\w*|error\w*|regression|broke\w*"
    r"|crash\w*|fail\w*|issue\w*|invalid|inverted|swapped|oops|off.by.one|missing|forgot\w*|correct\w*|accident\w*|faulty"
    r"|copy.?(?:and.?)?paste\w*|exception|traceback|undefined|unbound\w*|nameerror|typeerror|keyerror|attributeerror"
    r"|valueerror|indexerror|prevents?|ensures?|properly|actually|should)\b",
    re.IGNORECASE,
)
_CHORE = re.compile(
    r"\b(?:refactor\w*|renam\w*|clean.?up\w*|cleaning|cleaned|bump\w*|version|release|deprecat\w*|pep.?8|flake8|lint\w*|pylint|ruff"
    r"|style|formatting|reformat\w*|simplif\w*|moderni[sz]\w*|python ?3|py3k?|port(?:ed|ing)?|improve\w*|optimi[sz]\w*"
    r"|speed|faster|performance|default\w*|timeout\w*|increase\w*|decrease\w*|bump|change api|switch\w*|enable\w*|disable\w*"
    r"|support\w*|wip|debug\w*|temporar\w*|experiment\w*|tweak\w*|add(?:ed|s|ing)?|new|feature\w*|implement\w*|allow\w*|mypy|typing)\b",
    re.IGNORECASE,
)
_REVERT = re.compile(r"^\W*(?:revert|back(?:ed)? ?out|undo|roll(?:ed)? ?back)\b|This reverts commit", re.IGNORECASE)
_DEFINED = re.compile(rb"^[-+]\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
_BOUND = re.compile(rb"^([-+])\s*(?:for\s+|(?:self|cls)\.)?([A-Za-z_]\w*)(?:\s*:[^=\n]*)?\s*=(?!=)", re.MULTILINE)
_IMPORTED = re.compile(rb"^[-+]\s*(?:from\s+\S+\s+)?import\s+(.+)$", re.MULTILINE)
_VERSION = re.compile(r"version\w*['\"]?\s*[:=]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d]\w*")


def speaks_of_a_bug(message: str) -> bool:
    return _BUG.search(message) is not None


class Surroundings:
    """The names that a commit defines or binds, in any of its files."""

    def __init__(self, commit: Commit) -> None:
        self.defined = {name.decode() for name in _DEFINED.findall(commit.text)}
        self.bound = {name.decode() for _, name in _BOUND.findall(commit.text)}
        for names in _IMPORTED.findall(commit.text):
            self.bound.update(_WORD.findall(names.decode("utf-8", "replace")))

    def flags(self, commit: Commit, path: str, changed: Collection[str], line: str, repeats: int) -> tuple[str, ...]:
        """``changed``: the tokens that differ; ``line``: what stood in the changed lines; ``repeats``: in the commit."""
        found = [
            (TEST, by_path(path, tests=False) == TESTS),
            (REVERT, bool(_REVERT.search(commit.message))),
            (WORDED, speaks_of_a_bug(commit.message)),
            (CHORE, bool(_CHORE.search(commit.subject))),
            (DEFINED, not self.defined.isdisjoint(_WORD.findall(line))),
            (BOUND, not self.bound.isdisjoint(changed)),
            (REPEATED, repeats > 1),
            (VERSION, bool(_VERSION.search(line)) and all(token[:1].isdigit() for token in changed)),
        ]
        return tuple(flag for flag, holds in found if holds)


LITERALS = {"BL301", "BL302"}
"""Rules of constants, which change for many reasons that are no bugs."""


def usable(change: Change) -> bool:
    """Whether a change that matches a rule is probably the repair of a real bug."""
    flags = set(change.flags)
    if not change.matches or flags & {TEST, REVERT, DEFINED, BOUND, REPEATED, VERSION}:
        return False
    if change.files > MOST_FILES or change.hunks > MOST_HUNKS:
        return False
    return WORDED in flags or not (CHORE in flags or LITERALS & {found.code for found in change.matches})
