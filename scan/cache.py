"""What the detector said before, on disk: one SQLite file, so that what has not changed is not analysed again.

An entry is found by the bytes of a text, the weights and this version of the scanner, and holds what the detector said before
any setting is applied: other thresholds and rules are answered from it too.  No connection outlives a call, for processes are
forked in between.  Whatever goes wrong with the file costs time, never a result.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from .. import __version__
from .assessment import Assessment
from .errors import CannotScan
from .foreign import foreign_rules
from .model import Model

FOLDER = "BUGLAB_CACHE_DIR"
"""Environment variable that names the folder."""

NAME = "scan.sqlite"
MOST_BYTES = 256 * 2**20
"""Of all entries; beyond, the quarter of them that was not used for longest goes."""

LARGEST = 8 * 2**20
"""Bytes of one entry."""

PATIENCE_S = 5.0
"""How long to wait for another process that writes."""

DAY_S = 86_400
"""The time of the last use is noted this often, so that a scan in which nothing changed writes nothing."""

PAGE = 500
"""Keys in one query."""

LAYOUT = 5
"""Changes with the encoding of the entries, what its scores mean, and what is proposed at all."""

TABLE = "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, used INTEGER NOT NULL, said BLOB NOT NULL) WITHOUT ROWID"
T = TypeVar("T")


@dataclass(slots=True)
class Cache:
    """Assessments by content.  ``complaints`` collects sentences on what is wrong with it."""

    path: Path
    stamp: bytes
    """stands for the model and the version of the scanner"""
    complaints: list[str] = field(default_factory=list)
    _usable: bool = True

    @classmethod
    def at(cls, folder: Path | None, model: Model) -> Cache:
        """The cache in ``folder``, else in the usual place; nothing is created before something is stored.

        Raises CannotScan where ``folder`` cannot be one.
        """
        if folder is not None and folder.exists() and not folder.is_dir():
            raise CannotScan(f"the cache folder {folder} is a file; name a folder, or use --no-cache")
        return cls((folder or usual_folder()).absolute() / NAME, _stamp(model))

    def key(self, data: bytes, place: str = "") -> bytes:
        """What stands for the bytes of a text, and for where its imports lead."""
        hashed = hashlib.blake2b(data, digest_size=20, key=self.stamp)
        hashed.update(b"\0" + place.encode("utf-8", "surrogatepass"))  # no text that is Python holds a null byte
        return hashed.digest()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Assessment]:
        """The assessments that are there."""
        if not keys or not self.path.exists():
            return {}
        nothing: list[tuple[bytes, int, bytes]] = []
        rows = self._with(False, lambda connection: list(_rows(connection, keys)), nothing)
        yesterday = int(time.time()) - DAY_S
        if old := [key for key, used, _ in rows if used < yesterday]:
            self._with(True, lambda connection: _touch(connection, old), None)
        found: dict[bytes, Assessment] = {}
        try:
            found.update((key, Assessment.decode(said)) for key, _, said in rows)
        except ValueError:
            self._replace("it holds an entry that is none")
        return found

    def put(self, entries: Mapping[bytes, Assessment]) -> None:
        """Store assessments by key, all or none."""
        now = int(time.time())
        rows = [(key, now, said) for key, found in entries.items() if len(said := found.encode()) <= LARGEST]
        if rows:
            self._with(True, lambda connection: _store(connection, rows), None)

    def _with(self, write: bool, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What ``work`` returns for a connection, in one transaction; ``otherwise`` where that cannot be done."""
        if not self._usable:
            return otherwise
        try:
            with closing(self._connect(write)) as connection, connection:
                return work(connection)
        except OSError:  # the folder cannot be written
            self._usable = False
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_ERROR"):  # other tables than ours
                self._replace(str(error))
            elif not error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                self._usable = False
        except sqlite3.DatabaseError as error:
            self._replace(str(error))
        return otherwise

    def _connect(self, write: bool) -> sqlite3.Connection:
        if self.path.is_symlink():
            raise OSError("a link may lead to another program's data")
        if write and not self.path.exists():
            _make_folder(self.path.parent)
        # `rw` where it is only read, too: a journal that a killed process left must be rolled back
        connection = sqlite3.connect(f"{self.path.as_uri()}?mode={'rwc' if write else 'rw'}", timeout=PATIENCE_S, uri=True)
        connection.execute("PRAGMA trusted_schema = OFF")
        if write:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(TABLE)
        return connection

    def _replace(self, reason: str) -> None:
        """Begin anew: what is there is no cache."""
        self.complaints.append(f"the cache {self.path} is damaged ({reason}); it is begun anew")
        try:
            for path in (self.path, self.path.with_name(NAME + "-journal")):
                path.unlink(missing_ok=True)
        except OSError:
            self._usable = False


def _rows(connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'entries'").fetchone() is None:
        return  # made by a process that was killed before it stored anything
    for first in range(0, len(keys), PAGE):
        page = keys[first : first + PAGE]
        marks = ",".join("?" * len(page))
        yield from connection.execute(f"SELECT key, used, said FROM entries WHERE key IN ({marks})", page)


def _touch(connection: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    now = int(time.time())
    connection.executemany("UPDATE entries SET used = ? WHERE key = ?", [(now, key) for key in keys])


def _store(connection: sqlite3.Connection, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
    connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > MOST_BYTES:
        (count,) = connection.execute("SELECT COUNT(*) FROM entries").fetchone()
        oldest = "SELECT key FROM entries ORDER BY used LIMIT ?"
        connection.execute(f"DELETE FROM entries WHERE key IN ({oldest})", (count // 4 + 1,))


def usual_folder() -> Path:
    """``$BUGLAB_CACHE_DIR``, else the user's cache folder: a repository cannot bring its own entries."""
    if chosen := os.environ.get(FOLDER):
        try:
            return Path(chosen).expanduser()
        except RuntimeError:
            raise CannotScan(f"{FOLDER} is {chosen!r}, and nobody is known here by that name; name a folder") from None
    import platformdirs

    return Path(platformdirs.user_cache_dir("buglab", appauthor=False))


def _make_folder(folder: Path) -> None:
    """Create the folder, marked so that neither git nor backups take it."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        (folder / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8")


def _stamp(model: Model) -> bytes:
    """Two scans have the same one exactly if the same bytes get the same assessment."""
    weights = model.reliability and model.reliability.plain()
    learnt = [model.sha256, model.network, model.info["schema_hash"], model.info["rules"], weights]
    said = [LAYOUT, __version__, sys.version_info[:2], *learnt, foreign_rules()]
    return hashlib.blake2b(json.dumps([*said, list(_code())], sort_keys=True).encode(), digest_size=32).digest()


def _code() -> Iterator[tuple[str, int, int]]:
    """The files that decide what is said, by time and size: in a checkout they change while the version does not."""
    package = Path(__file__).parents[1]
    for folder in ("rewrites", "rewrites/rules", "rewrites/walking", "graph", "scan"):
        for entry in sorted(os.scandir(package / folder), key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                status = entry.stat()
                yield f"{folder}/{entry.name}", status.st_mtime_ns, status.st_size
    if (parser := importlib.util.find_spec("libcst")) is not None and parser.origin is not None:
        yield "libcst", Path(parser.origin).stat().st_mtime_ns, 0
