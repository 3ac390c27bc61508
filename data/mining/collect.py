"""From the logs of all projects to the fixes: every change once, and none that was undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from .log import SUFFIX, read
from .record import Change, Header, Tally
from .signs import usable


class Mined:
    """All that the logs in one folder hold."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError for a damaged log."""
        self.tallies: dict[str, Tally] = {}
        self.headers: dict[str, Header] = {}
        self.changes: list[tuple[str, Change]] = []
        """(project, change), of all projects by time; of equal ones only the first"""
        found: list[tuple[str, Change]] = []
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            header, chunks = read(path)
            self.headers[header.project] = header
            tally = self.tallies[header.project] = Tally()
            for chunk in chunks:
                tally.add(chunk.tally)
                found += [(header.project, change) for change in chunk.changes]
        self.changes = list(_once(sorted(found, key=lambda pair: (pair[1].time, pair[1].commit, pair[1].row))))
        self._pairs = {(change.before, change.after) for _, change in self.changes}

    def fixes(self) -> Iterator[tuple[str, Change]]:
        """The usable changes: those that no other change takes back."""
        for project, change in self.changes:
            if usable(change) and (change.after, change.before) not in self._pairs:
                yield project, change


def _once(changes: Iterable[tuple[str, Change]]) -> Iterator[tuple[str, Change]]:
    """Of changes to the same function with the same result (on other branches, in forks) the first."""
    seen: set[tuple[int, int]] = set()
    for project, change in changes:
        if (pair := (change.before, change.after)) not in seen:
            seen.add(pair)
            yield project, change
