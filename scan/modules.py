"""The modules around a scanned file: found by name below the scan's root, and never outside of it.

Nothing is listed or walked; a module is looked for where an import says it must be.  Links are followed only to places below
the root, and a file that is too long to have an outline is not read.
"""

from __future__ import annotations

from pathlib import Path

from ..rewrites.outline import MAX_CHARACTERS
from ..rewrites.project import Around, Folder
from ..rewrites.source import Unreadable, decode


class Modules:
    """The projects below one root."""

    def __init__(self, root: Path) -> None:
        self.given, self.root = root.absolute(), root.resolve()
        self._folder = Folder(self._has, self._read)

    def around(self, path: Path) -> Around:
        """Where the file at ``path`` (absolute) stands; alone if that is not below the root."""
        return self._folder.around(path.relative_to(self.given).as_posix()) if path.is_relative_to(self.given) else Around()

    def _has(self, path: str) -> bool:
        try:
            found = self.root / path
            return found.is_file() and found.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError, ValueError):
            return False

    def _read(self, path: str) -> str | None:
        try:
            with (self.root / path).open("rb") as stream:
                data = stream.read(MAX_CHARACTERS + 1)
            return decode(data) if len(data) <= MAX_CHARACTERS else None
        except (OSError, Unreadable):
            return None
