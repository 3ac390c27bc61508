"""What around a change tells for or against the repair of a bug.  All is written down as flags; ``usable`` draws the line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from ..filters import TESTS, by_path
from .diff import Commit
from .record import Change

TEST, REVERT, WORDED, CHORE = "test", "revert", "worded", "chore"
DEFINED, BOUND, REPEATED, VERSION = "defined", "bound", "repeated", "version"
"""Flags: in a test; undoes an earlier commit; the message speaks of a bug; of other work; the commit defines or redefines what
the changed tokens name; it binds or renames it; it makes the same edit elsewhere too; a number in a line about versions."""

MOST_FILES, MOST_HUNKS = 8, 12
"""Python files and places in them beyond which a commit is more than a repair."""

FEW_HUNKS = 6
"""Places up to which the first line of the message need not speak of a bug."""

FEWEST_HUNKS = 2
"""The same for changed constants, and for commits whose whole message does not."""

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
    r"|speed|faster|performance|default\w*|timeout\w*|increase\w*|decrease\w*|chang\w*|updat\w*|modif\w*|switch\w*"
    r"|enable\w*|disable\w*"
    r"|support\w*|wip|debug\w*|temporar\w*|experiment\w*|tweak\w*|add(?:ed|s|ing)?|new|feature\w*|implement\w*|allow\w*|mypy|typing)\b",
    re.IGNORECASE,
)
_PLAINLY = re.compile(
    r"(?:\b|_)(?:bug\w*|\w*fix\w*|typos?|wrong\w*|incorrect\w*|mistake\w*|error\w*|regression\w*|broke\w*|crash\w*|inverted|swapped"
    r"|oops|yikes|off.by.one|forgot\w*|faulty|copy.?(?:and.?)?paste\w*|exception\w*|traceback|undefined|correct\w*)\b",
    re.IGNORECASE,
)
_OTHER_REPAIRS = re.compile(
    r"\b(?:fix\w*|correct\w*)(?: up)?:?(?: (?:the|some|more|all|a few|few|broken|failing|missing))*"
    r" (?:\w+ )?(?:imports?|lint\w*|pylint|flake8|pep.?8|mypy|typing|type hints?|docs?|docstrings?|documentation|formatting"
    r"|style|merge|conflicts?|tests?|unit.?tests?|coverage|deprecat\w*)\b",
    re.IGNORECASE,
)
_REVERT = re.compile(r"^\W*(?:revert|back(?:ed)? ?out|undo|roll(?:ed)? ?back)\b|This reverts commit", re.IGNORECASE)
_DEFINED = re.compile(rb"^[-+]\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
_BOUND = re.compile(rb"^([-+])\s*(?:for\s+|(?:self|cls)\.)?([A-Za-z_]\w*)(?:\s*:[^=\n]*)?\s*=(?!=)", re.MULTILINE)
_IMPORTED = re.compile(rb"^[-+]\s*(?:from\s+\S+\s+)?import\s+(.+)$", re.MULTILINE)
_VERSION = re.compile(r"version\w*['\"]?\s*[:=<>]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d]\w*")


def speaks_of_a_bug(message: str) -> bool:
    return _BUG.search(message) is not None


class Surroundings:
    """The names that a commit defines, and those that it binds in other places or more or less often, in any of its files."""

    def __init__(self, commit: Commit) -> None:
        self.defined = {name.decode() for name in _DEFINED.findall(commit.text)}
        before, after = (Counter(name for at, name in _BOUND.findall(commit.text) if at == sign) for sign in (b"-", b"+"))
        self.bound = {name.decode() for name in {*(before - after), *(after - before)}}
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

STYLE = {("==", "is"), ("!=", "is not")}
"""What linters ask for in comparisons with None and True; hardly ever is it more than that."""


def usable(change: Change) -> bool:
    """Whether a change that matches a rule is probably the repair of a real bug."""
    flags = set(change.flags)
    if not change.matches or flags & {TEST, REVERT, DEFINED, BOUND, REPEATED, VERSION} or change.files > MOST_FILES:
        return False
    if any((found.before, found.after) in STYLE for found in change.matches):
        return False
    plainly = _PLAINLY.search(change.subject) is not None
    if _OTHER_REPAIRS.search(change.subject) or (_CHORE.search(change.subject) and not plainly):
        return False
    if LITERALS & {found.code for found in change.matches}:
        return plainly and change.hunks <= FEWEST_HUNKS
    return change.hunks <= (MOST_HUNKS if plainly else FEW_HUNKS if WORDED in flags else FEWEST_HUNKS)
