"""Published fixes with their code, read from clones: files with a real bug, and the same files repaired."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...rewrites.base import Site
from ...rewrites.project import ALONE, Around, Outlines
from ...rewrites.source import Source, Unreadable, decode
from ...rewrites.unit import Unit
from .difference import lex
from .folds import fold
from .git import NotMinable, Objects, Repository
from .match import rewrites
from .record import Fix
from .tree import tree

PUBLISHED = Path(__file__).parent.parent / "fixes.jsonl"
DEEPEST = 3
"""Levels of folders below the one named that are searched for clones."""


@dataclass(frozen=True, slots=True)
class FixedPair:
    """One file before and after a fix."""

    fix: Fix
    buggy: str
    fixed: str
    around: tuple[Around, Around] = (ALONE, ALONE)
    """where the file stands in the project as it was before, and after"""


@dataclass(frozen=True, slots=True)
class Repair:
    """The function of a pair, found again by the present rules."""

    buggy: Source
    unit: Unit
    """of the buggy file"""
    right: list[tuple[Site, int]]
    """sites of the unit, each with the option that repairs the bug; nearly always one"""
    fixed: Source
    repaired: Unit
    """of the fixed file"""
    wrong: list[tuple[Site, int]]
    """sites of the repaired unit, each with the option that brings the bug back"""


def locate(pair: FixedPair) -> Repair | None:
    """None where the files cannot be read, or none of the present rules has this repair."""
    try:
        buggy, fixed = Source.parse(pair.buggy), Source.parse(pair.fixed)
    except Unreadable:
        return None
    lines, others = (list(io.StringIO(text, newline="")) for text in (pair.buggy, pair.fixed))
    for unit, first, last in _functions(buggy, pair.fix.function):
        if not first <= pair.fix.row <= last:
            continue
        for repaired, new_first, new_last in _functions(fixed, pair.fix.function):
            forth = _undone(buggy, unit, lines, (first, last), others[new_first - 1 : new_last])
            if forth:
                back = _undone(fixed, repaired, others, (new_first, new_last), lines[first - 1 : last])
                return Repair(buggy, unit, forth, fixed, repaired, back)
    return None


def _undone(source: Source, unit: Unit, lines: list[str], rows: tuple[int, int], wanted: list[str]) -> list[tuple[Site, int]]:
    """The rewrites of ``unit``, which stands in ``rows`` of ``lines``, that make of it what stands in ``wanted``."""
    target = lex("".join(wanted))
    found = rewrites(source, lines, rows[0] - 1, rows[1], target) if target else ()
    return [(match.site, match.option) for match in found if match.unit is unit]


def _functions(source: Source, name: str) -> Iterator[tuple[Unit, int, int]]:
    """The functions of this name, with their first and last row."""
    for unit in source.units:
        if unit.kind == "function" and unit.name == name:
            yield unit, source.position(unit.start)[0], source.position(unit.end)[0]


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


def pairs(fixes: Sequence[Fix], repositories: dict[str, Repository], context: bool = True) -> Iterator[FixedPair]:
    """The fixes of those projects that have a clone, in order; what a clone lacks is left out.

    With ``context``, the files around are read from the clone when they are asked for, which must be before the next pair is.
    """
    outlines = Outlines()
    with ExitStack() as stack:
        opened: dict[str, Objects] = {}
        for fix in fixes:
            project = fix.project.lower()
            if project not in repositories:
                continue
            if project not in opened:
                stack.close()
                opened = {project: stack.enter_context(repositories[project].objects())}
            objects, commits = opened[project], (f"{fix.commit}^", fix.commit)
            try:
                before, after = (decode(objects.read(f"{commit}:{fix.path}")) for commit in commits)
            except (NotMinable, Unreadable):
                continue
            old, new = (tree(objects, commit, outlines).around(fix.path) if context else ALONE for commit in commits)
            yield FixedPair(fix, before, after, (old, new))
