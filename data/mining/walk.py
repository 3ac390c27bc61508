"""From a stretch of history to its changes: the pure part of mining, in order of cost."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..filters import by_path
from ..heldout import Guard
from ..tokens import fingerprint
from .diff import Commit, FileChange, Hunk, parse
from .difference import difference, in_lines, kind, lex
from .functions import Layout
from .git import NotMinable, Objects, Repository
from .match import is_copy, match
from .record import Change, Chunk, Tally
from .signs import Surroundings, speaks_of_a_bug

VERSION = "2"
"""Of the walk: another one looks at the history again."""

MOST_LINES = 8
"""Removed or added lines of a hunk that may be a small edit."""

MOST_HUNKS = 60
"""Hunks of a file beyond which it was rewritten or formatted."""

MOST_REPEATS = 3
"""Times that a commit may make the same edit; beyond, something was renamed."""

MOST_BYTES = 1_000_000
"""Longer files are tables or generated code."""

Window = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Reach:
    """Which part of a history is looked at."""

    most_files: int
    """commits that modify more Python files are left out"""
    tests: bool
    """look at tests too"""
    worded: bool
    """look only at commits whose message speaks of a bug"""
    unmatched: frozenset[str]
    """kinds of changes that are not looked up in the rules; see ``difference.kind``"""


@dataclass(frozen=True, slots=True)
class _Edit:
    """A hunk that is a small edit."""

    hunk: Hunk
    window: Window


def key(commits: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(commits).encode()).hexdigest()[:20]


class Walk:
    """Looks at commits of one repository.  Raises NotMinable where objects are missing."""

    def __init__(self, repository: Repository, reach: Reach, guard: Guard) -> None:
        self.repository, self.reach, self.guard = repository, reach, guard

    def chunk(self, commits: Sequence[str]) -> Chunk:
        """All changes in ``commits``.  Raises NotMinable if the repository lacks what most of them changed."""
        tally, changes = self._look(commits)
        if tally.missing > len(commits) // 2:
            raise NotMinable(
                f"{self.repository.path}: most of what its commits changed is missing; make a complete clone of it"
            )
        return Chunk(key(commits), tally, changes)

    def _look(self, commits: Sequence[str]) -> tuple[Tally, list[Change]]:
        try:
            return self._all(commits)
        except NotMinable:  # an object is missing, and git does not go on: leave out the commit that needs it
            if len(commits) == 1:
                return Tally(commits=1, missing=1), []
            middle = len(commits) // 2
            (tally, changes), (more, others) = self._look(commits[:middle]), self._look(commits[middle:])
            tally.add(more)
            return tally, changes + others

    def _all(self, commits: Sequence[str]) -> tuple[Tally, list[Change]]:
        tally = Tally(commits=len(commits))
        changed = self.repository.changed_files(commits)
        narrow = {commit: message for commit, (message, paths) in changed.items() if len(paths) <= self.reach.most_files}
        tally.python_commits, tally.wide_commits = len(changed), len(changed) - len(narrow)
        if self.reach.worded:
            narrow = {commit: message for commit, message in narrow.items() if speaks_of_a_bug(message)}
        tally.examined = len(narrow)
        changes: list[Change] = []
        if narrow:
            with self.repository.objects() as objects:
                look = _Look(objects, self.reach, self.guard, tally)
                for commit in parse(self.repository.diffs(list(narrow))):
                    changes += look.commit(commit)
        return tally, changes


class _Look:
    def __init__(self, objects: Objects, reach: Reach, guard: Guard, tally: Tally) -> None:
        self.objects, self.reach, self.guard, self.tally = objects, reach, guard, tally
        self.layout = lru_cache(maxsize=64)(self._layout)

    def commit(self, commit: Commit) -> Iterator[Change]:
        found: list[tuple[FileChange, list[_Edit], list[Hunk]]] = []
        windows: Counter[Window] = Counter()
        for file in commit.files:
            if by_path(file.path, tests=self.reach.tests) or self.guard.holds_path(file.path):
                continue
            self.tally.files += 1
            self.tally.hunks += len(file.hunks)
            if len(file.hunks) > MOST_HUNKS:
                continue
            small, large = _sorted(file.hunks)
            windows.update(edit.window for edit in small)
            if small:
                found.append((file, small, large))
        around: Surroundings | None = None
        for file, small, large in found:
            for edit in small:
                if windows[edit.window] > MOST_REPEATS:
                    self.tally.repeated += 1
                    continue
                around = around or Surroundings(commit)
                others = [*large, *(other.hunk for other in small if other is not edit)]
                if change := self._change(commit, file, edit, others, around, windows[edit.window]):
                    yield change

    def _change(
        self, commit: Commit, file: FileChange, edit: _Edit, others: list[Hunk], around: Surroundings, repeats: int
    ) -> Change | None:
        """The change if the edit is all that the commit does to one function."""
        hunk = edit.hunk
        old = self.layout(file.old)
        if old is None or (before := old.innermost(hunk.old_row, hunk.old_row + hunk.old_count - 1)) is None:
            return None
        if any(other.touches(before.first, before.last) for other in others):
            return None
        new = self.layout(file.new)
        if new is None or (after := new.innermost(hunk.new_row, hunk.new_row + hunk.new_count - 1)) is None:
            return None
        if before.name != after.name:
            return None
        self.tally.functions += 1
        written, target = lex(old.rows(before.first, before.last)), lex(new.rows(after.first, after.last))
        if written is None or target is None or (found := difference(written.texts, target.texts)) is None:
            return None
        became = kind(written, target, found)
        matches = match(old, new, before, after) if became not in self.reach.unmatched else []
        if matches and is_copy(matches[0].source, self.guard):
            return None
        changed = {*written.texts[found.start : found.old_end], *target.texts[found.start : found.new_end]}
        return Change(
            commit=commit.name,
            time=commit.time,
            subject=commit.subject,
            path=file.path,
            function=before.name,
            row=hunk.old_row,
            kind=became,
            before=fingerprint(written.texts),
            after=fingerprint(target.texts),
            files=len(commit.files),
            hunks=sum(len(other.hunks) for other in commit.files),
            flags=around.flags(commit, file.path, changed, "\n".join(hunk.sides()), repeats),
            matches=tuple(found.facts() for found in matches),
        )

    def _layout(self, blob: str) -> Layout | None:
        content = self.objects.read(blob)
        found = Layout.of(content) if len(content) <= MOST_BYTES else None
        self.tally.unreadable += found is None
        return found


def _sorted(hunks: Sequence[Hunk]) -> tuple[list[_Edit], list[Hunk]]:
    """Small edits, and hunks that are more than that; those that only change comments or layout are neither."""
    small: list[_Edit] = []
    large: list[Hunk] = []
    for hunk in hunks:
        window = None
        if max(hunk.old_count, hunk.new_count) <= MOST_LINES:
            window = in_lines(*hunk.sides())
        if window == ((), ()):
            continue
        if window is None or not hunk.old_count or not hunk.new_count:
            large.append(hunk)
        else:
            small.append(_Edit(hunk, window))
    return small, large
