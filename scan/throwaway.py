"""Throw-away copies of a project's tree, in which its tests can do what they like."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import CannotScan
from .git import Git
from .ignore import DEFAULT_EXCLUDES, GitIgnore

IMPORTABLE = (".py", ".pyi", ".so", ".pyd", ".egg-info", ".dist-info")
"""Copied even where git ignores it: generated versions and extensions that were built in place."""

MOST_FILES = 100_000
MOST_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Tree:
    """What belongs to the project at ``top``: what git tracks, what it does not ignore, and what Python imports."""

    top: Path
    names: tuple[str, ...]
    """files and links, relative"""

    @classmethod
    def of(cls, top: Path) -> Tree:
        """Raises CannotScan if it is too large to be copied."""
        names = sorted({*_walk(top), *_tracked(top)})
        size = 0
        for name in names:
            with suppress(OSError):
                size += (top / name).lstat().st_size
        if len(names) > MOST_FILES or size > MOST_BYTES:
            raise CannotScan(
                f"{top} holds {len(names):,} files with {size / 1e9:.1f} GB, too much to be copied for every repair; "
                "let git ignore what the tests do not need"
            )
        return cls(top, tuple(names))

    @contextmanager
    def copied(self) -> Iterator[Scratch]:
        """A folder with a copy of the tree and room beside it, gone afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="buglab-verify-")).resolve()
        try:
            scratch = Scratch(folder, folder / "tree" / (self.top.name or "root"))
            for room in (scratch.top, scratch.temporary, scratch.notes):
                room.mkdir(parents=True)
            for name in self.names:
                self._copy(name, scratch.top)
            yield scratch
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _copy(self, name: str, there: Path) -> None:
        source, target = self.top / name, there / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # it vanished meanwhile
            if source.is_symlink():
                leads = os.readlink(source)  # noqa: PTH115
                inside = Path(leads).is_absolute() and Path(leads).is_relative_to(self.top)
                target.symlink_to(there / Path(leads).relative_to(self.top) if inside else leads)
            else:
                shutil.copy2(source, target)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A folder of our own: the copy of the tree, and places for what a run writes."""

    folder: Path
    top: Path

    @property
    def temporary(self) -> Path:
        """Where the run puts what is temporary."""
        return self.folder / "temporary"

    @property
    def notes(self) -> Path:
        """Where the run notes what became of it."""
        return self.folder / "notes"


def _walk(top: Path) -> Iterator[str]:
    git = GitIgnore(top)
    for folder, folders, names in os.walk(top):
        here = Path(folder)
        git.enter(here, ".gitignore" in names)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and _is_wanted(here / name, git)]
        for name in (*names, *links):
            path = here / name
            wanted = name.endswith(IMPORTABLE) or (name not in DEFAULT_EXCLUDES and not git.match(name, False))
            if wanted and (path.is_file() or path.is_symlink()):
                yield path.relative_to(top).as_posix()


def _is_wanted(folder: Path, git: GitIgnore) -> bool:
    if folder.name in DEFAULT_EXCLUDES or (folder / "pyvenv.cfg").exists():
        return False
    return folder.name.endswith(IMPORTABLE) or not git.match(folder.name, True)


def _tracked(top: Path) -> Iterator[str]:
    """What git tracks below ``top``, even where a pattern would ignore it."""
    try:
        git = Git.at(top)
        listed = git.files()
    except CannotScan:
        return
    for name in listed:
        path = git.top / name
        if path.is_relative_to(top) and os.path.lexists(path) and not path.is_dir():
            yield path.relative_to(top).as_posix()
