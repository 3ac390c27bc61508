"""``--diff`` and ``--fix``: repairs shown and repairs applied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff

from ..scan.content import text_of
from ..scan.engine import Engine
from ..scan.files import File
from ..scan.judge import FileReport
from ..scan.repair import Repaired, repair, write
from .say import say
from .tally import count

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def fixed(engine: Engine, files: Sequence[File], reports: Sequence[FileReport], quiet: bool) -> list[FileReport]:
    """Apply the repairs and return the reports on the files as they are then."""
    tried = repair(engine, files, reports)
    after = {one.file.path: one.report for one in tried if one.applied and write(one)}
    written = [one for one in tried if one.file.path in after]
    for one in tried:
        if one.problem:
            say(f"{one.file.shown} is left as it is: {one.problem}")
    if not quiet:
        _tell("applied", written, tried)
    return [after.get(file.path, report) for file, report in zip(files, reports, strict=True)]


def differences(engine: Engine, files: Sequence[File], reports: Sequence[FileReport], quiet: bool) -> tuple[int, Iterator[str]]:
    """How many repairs --fix would apply, and what it would change as a unified diff."""
    tried = repair(engine, files, reports)
    changing = [one for one in tried if one.applied]
    if not quiet:
        _tell("would be applied", changing, tried)
    return sum(len(one.applied) for one in changing), (piece for one in changing for piece in _difference(one))


def _difference(one: Repaired) -> Iterator[str]:
    before, after = (_LINE.findall(text_of(data)) for data in (one.before, one.after))
    for line in unified_diff(before, after, one.file.shown, one.file.shown):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _tell(done: str, changing: Sequence[Repaired], tried: Sequence[Repaired]) -> None:
    applied = sum(len(one.applied) for one in changing)
    refused = sum(len(one.refused) for one in tried)
    clean = f"; {count(refused, 'other')} left alone, for the function would not score clean with it" if refused else ""
    say(f"{count(applied, 'repair')} {done} in {count(len(changing), 'file')}{clean}.")
