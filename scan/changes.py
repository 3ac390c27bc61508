"""Which files differ from an earlier state of their git repository, and what was in them then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from .content import Unread, read
from .files import File
from .git import Git


@dataclass(frozen=True, slots=True)
class Base:
    """The files of one commit by path relative to the top of the repository, with the names of their contents."""

    git: Git
    blobs: dict[str, str]
    elsewhere: frozenset[str]
    """symbolic links, and other repositories that the commit refers to"""
    renamed: dict[str, str]
    """new path -> path in the commit"""

    @classmethod
    def of(cls, git: Git, revision: str) -> Base:
        """Where ``revision`` and HEAD parted.  Raises CannotScan if there is no such revision or no such place.

        HEAD of a repository without commits is an empty tree.
        """
        if revision == "HEAD" and not git.has_head():
            return cls(git, {}, frozenset(), {})
        commit = git.merge_base(revision)
        blobs: dict[str, str] = {}
        elsewhere: set[str] = set()
        for kind, name, path in git.tree(commit):
            if kind == "blob":
                blobs[path] = name
            else:
                elsewhere.add(path)
        return cls(git, blobs, frozenset(elsewhere), git.renames(commit))

    def changed(self, files: Iterable[File]) -> list[File]:
        """Those of ``files`` that differ from the commit, with what was in them; new ones with nothing.

        Files of other repositories inside of this one are no part of its change, nor are files outside of it.
        """
        differing: list[tuple[File, str | None]] = []
        for file in files:
            path = self._path(file.path)
            if path is None:
                continue
            blob = self.blobs.get(path) or self.blobs.get(self.renamed.get(path, ""))
            if blob is None or not _has_name(file, blob):
                differing.append((file, blob))
        contents = dict(self.git.contents([blob for _, blob in differing if blob is not None]))
        return [replace(file, earlier=contents.get(blob, b"") if blob else b"") for file, blob in differing]

    def _path(self, path: Path) -> str | None:
        """As git calls it; None if it does not belong to this repository."""
        if not path.is_relative_to(self.git.top):
            resolved = path.resolve()  # the way to the repository may lead through a link
            if not resolved.is_relative_to(self.git.top):
                return None
            path = resolved
        name = path.relative_to(self.git.top).as_posix()
        way = [name, *(folder.as_posix() for folder in Path(name).parents)][:-1]
        if self.elsewhere.intersection(way) or any(map(_is_repository, path.parents[: len(way) - 1])):
            return None
        return name


def since(files: Sequence[File], revision: str) -> list[File]:
    """The files that differ from where ``revision`` and HEAD parted, each with its earlier version; raises CannotScan."""
    return _base(files, revision).changed(files) if files else []


def of_commit(files: Sequence[File], from_revision: str) -> list[File]:
    """What the commit being made changes: since ``from_revision`` if a hook was told one, else since HEAD.

    Where nothing is staged no commit is being made, and all files are to be scanned.
    """
    if not files:
        return []
    if from_revision:
        return since(files, from_revision)
    base = _base(files, "HEAD")
    return base.changed(files) if base.git.has_staged() else list(files)


def _base(files: Sequence[File], revision: str) -> Base:
    return Base.of(Git.at(files[0].path.parent), revision)


@cache
def _is_repository(folder: Path) -> bool:
    return (folder / ".git").exists()


def _has_name(file: File, blob: str) -> bool:
    """Whether the file's bytes are those that git calls ``blob``."""
    if file.data is None and not file.path.is_file():
        return False
    try:
        data = read(file)
    except Unread:
        return False  # the scan will say what is wrong with it
    algorithm = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data).hexdigest() == blob
