"""Files below the one folder that the operator allowed, and nothing else, whatever paths and links say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..scan.below import STEPWISE, read_stepwise
from ..scan.config import Settings
from ..scan.content import MOST_BYTES
from ..scan.errors import CannotScan
from ..scan.files import SUFFIXES, File, find_files


class Forbidden(Exception):
    """A path that leads out of the folder; the message is a sentence."""


class Missing(Exception):
    """There is nothing to scan at a path; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that may be scanned."""

    path: Path
    """without links"""
    settings: Settings

    @classmethod
    def at(cls, folder: Path, settings: Settings) -> Root:
        """Raises CannotScan."""
        if not STEPWISE:
            raise CannotScan("this system cannot open files below a folder safely; serve without --root")
        if not folder.is_dir():
            raise CannotScan(f"--root {folder} is no folder; name one that exists")
        return cls(folder.resolve(), settings)

    def files(self, path: str) -> list[File]:
        """What is to be scanned at ``path``, relative to the root; raises Forbidden or Missing.  Nothing is read yet."""
        asked = Path(os.path.realpath(self.path / path)) if "\0" not in path else None
        if asked is None or not asked.is_relative_to(self.path):
            raise Forbidden(f"{path!r} leads out of the folder that may be scanned; give a path relative to it")
        try:
            found = asked.is_dir() or (asked.is_file() and asked.suffix in SUFFIXES)
        except OSError:  # a name that is too long, a folder that may not be entered
            found = False
        if not found:
            raise Missing(f"there is no folder and no Python file at {path!r}")
        return [self._own(file) for file in find_files([asked], replace(self.settings, root=self.path))]

    def _own(self, file: File) -> File:
        name = file.path.relative_to(self.path).as_posix()
        inside = Path(os.path.realpath(file.path)).is_relative_to(self.path)
        problem = file.problem or ("" if inside else "the link leads out of the folder that may be scanned")
        return replace(file, shown=name, key=name, problem=problem)

    def loaded(self, files: Sequence[File]) -> list[File]:
        """The same with their bytes."""
        return [file if file.problem else self._loaded(file) for file in files]

    def _loaded(self, file: File) -> File:
        real = Path(os.path.realpath(file.path))
        try:
            data = read_stepwise(self.path, real.relative_to(self.path).parts, MOST_BYTES + 1)
        except ValueError:
            return replace(file, problem="the link leads out of the folder that may be scanned")
        except OSError as error:
            return replace(file, problem=f"the file cannot be read: {error.strerror or error}")
        if len(data) > MOST_BYTES:
            return replace(file, problem=f"the file has more than {MOST_BYTES:,} bytes; exclude it or split it")
        return replace(file, data=data)
