"""One Python file of a source, on disk, in an archive or in a git repository: listed once, read later, perhaps elsewhere."""

from __future__ import annotations

import atexit
import os
import subprocess
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


class UnreadableFile(Exception):
    """A file that was listed cannot be read (any more).  The message is one sentence."""


class DamagedArchive(ValueError):
    """A wheel or source distribution that is not whole."""

    def __init__(self, path: Path, error: object) -> None:
        reason = str(error).partition("\n")[0].rstrip(":") or type(error).__name__
        super().__init__(f"{path}: damaged archive ({reason}); delete it, or fetch it again")


ARCHIVE_ERRORS = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, KeyError)
"""What the standard library raises for archives that are damaged or compressed in a way it does not know."""


@dataclass(frozen=True)
class CodeFile:
    """One Python file."""

    container: Path
    """the file itself, the archive it is a member of, or the git repository"""
    member: str
    """name within the archive or hash of the git object; empty for a file on disk"""
    path: str
    """relative to the project, with ``/``; what provenance shows"""
    size: int
    stamp: int
    """changes when the content does: modification time in ns, CRC-32, or the beginning of git's hash"""

    def read(self) -> bytes:
        """The content.  Raises UnreadableFile."""
        try:
            if not self.member:
                return self.container.read_bytes()
            if self.container.is_dir():
                return _blobs(self.container).read(self.member)
            return read_member(self.container, self.member)
        except (OSError, DamagedArchive) as error:
            raise UnreadableFile(f"{self.path} cannot be read: {error}") from error


def read_member(archive: Path, member: str) -> bytes:
    """One file of a zip or tar archive.  Raises DamagedArchive."""
    try:
        if is_zip(archive):
            return zip_archive(archive).read(member)
        file = tar_archive(archive).extractfile(member)
        if file is None:
            raise KeyError(f"{member} is no file")
        return file.read()
    except ARCHIVE_ERRORS as error:
        raise DamagedArchive(archive, error) from error


def is_zip(archive: Path) -> bool:
    return archive.suffix in {".whl", ".zip", ".egg"}


@lru_cache(maxsize=2)
def zip_archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except ARCHIVE_ERRORS as error:
        raise DamagedArchive(path, error) from error


@lru_cache(maxsize=2)
def tar_archive(path: Path) -> tarfile.TarFile:
    """Opened for random access; members read in the order of the archive cost one decompression of it."""
    try:
        return tarfile.open(path)  # the cache keeps it
    except ARCHIVE_ERRORS as error:
        raise DamagedArchive(path, error) from error


def git(repository: Path, *arguments: str) -> list[str]:
    """A git command that reads ``repository`` and neither asks anybody nor fetches nor runs anything the repository names."""
    return ["git", "-C", str(repository), "-c", "safe.directory=*", "-c", "core.fsmonitor=false", *arguments]


def git_environment() -> dict[str, str]:
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("GIT_")}, **quiet, "LC_ALL": "C"}


class Blobs:
    """The objects of a repository, through one ``git cat-file`` that is kept running."""

    def __init__(self, repository: Path) -> None:
        self._process = subprocess.Popen(
            git(repository, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git_environment(),
        )
        atexit.register(self.close)

    def read(self, name: str) -> bytes:
        """The content of object ``name``.  Raises OSError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(name.encode() + b"\n")
        self._process.stdin.flush()
        head = self._process.stdout.readline().split()
        if len(head) != 3:
            raise OSError(f"git has no object {name}")
        content = self._process.stdout.read(int(head[2]) + 1)
        if len(content) != int(head[2]) + 1:
            raise OSError("git stopped")
        return content[:-1]

    def close(self) -> None:
        """Stop git."""
        atexit.unregister(self.close)
        self._process.kill()
        self._process.communicate()


@lru_cache(maxsize=4)
def _blobs(repository: Path) -> Blobs:
    return Blobs(repository)
