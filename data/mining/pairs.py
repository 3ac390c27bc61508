"""Published fixes with their code, read from clones: files with a real bug, and the same files repaired."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...rewrites.source import Unreadable, decode
from .folds import fold
from .git import NotMinable, Objects, Repository
from .record import Fix

PUBLISHED = Path(__file__).parent.parent / "fixes.jsonl"
DEEPEST = 3
"""Levels of folders below the one named that are searched for clones."""


@dataclass(frozen=True, slots=True)
class FixedPair:
    """One file before and after a fix."""

    fix: Fix
    buggy: str
    fixed: str


def load(names: Sequence[str] = (), path: Path = PUBLISHED) -> list[Fix]:
    """The published fixes, of the folds with these names or of all.  Raises ValueError for a damaged file."""
    try:
        fixes = [msgspec.json.decode(line, type=Fix) for line in path.read_bytes().splitlines()]
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: this is no list of fixes ({error}); take it from the repository again") from None
    return [fix for fix in fixes if not names or fold(fix.project) in names]


def clones(folder: Path) -> dict[str, Repository]:
    """The git repositories in ``folder``, bare or not, by their project in lower case."""
    found: dict[str, Repository] = {}
    for place, folders, files in os.walk(folder):
        here = Path(place)
        if ".git" in folders or {"HEAD", "objects"} <= {*folders, *files}:
            folders.clear()
            try:
                repository = Repository.open(here)
            except NotMinable:
                continue
            found.setdefault(repository.project.lower(), repository)
        elif len(here.relative_to(folder).parts) >= DEEPEST:
            folders.clear()
        folders.sort()
    return found


def pairs(fixes: Sequence[Fix], repositories: dict[str, Repository]) -> Iterator[FixedPair]:
    """The fixes of those projects that have a clone, in order; what a clone lacks is left out."""
    with ExitStack() as stack:
        opened: dict[str, Objects] = {}
        for fix in fixes:
            project = fix.project.lower()
            if project not in repositories:
                continue
            if project not in opened:
                stack.close()
                opened = {project: stack.enter_context(repositories[project].objects())}
            try:
                texts = [decode(opened[project].read(f"{fix.commit}{parent}:{fix.path}")) for parent in ("^", "")]
            except (NotMinable, Unreadable):
                continue
            yield FixedPair(fix, *texts)
