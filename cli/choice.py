"""What a call of ``buglab scan`` is about: its settings, and the files that they leave."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..scan.config import Settings
    from ..scan.files import File

STDIN = Path("-")

FROM_REF = "PRE_COMMIT_FROM_REF"
"""Set by pre-commit when it runs on the changes since a revision."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The flags that choose what is scanned."""

    paths: tuple[Path, ...]
    stdin_filename: Path | None = None
    given: bytes | None = None
    """what was read from standard input"""
    config: Path | None = None
    isolated: bool = False
    flags: Mapping[str, Any] | None = None
    """settings by name; None where a flag was not given"""
    diff_base: str | None = None
    staged: bool = False

    @property
    def places(self) -> list[Path]:
        """The paths that were named; without any, the working directory."""
        return [self.stdin_filename or Path("<stdin>")] if self.given is not None else list(self.paths or [Path()])

    def settings(self) -> Settings:
        """From the configuration and the flags; raises CannotScan."""
        from ..scan.config import find_settings

        found = find_settings([place.absolute() for place in self.places], self.config, self.isolated)
        return found.with_flags(self.flags or {})

    def files(self, settings: Settings) -> list[File]:
        """What is to be scanned; raises CannotScan."""
        from ..scan.files import find_files, named_file

        if self.given is not None:
            files = [named_file(self.places[0], settings, self.given)]
        else:
            files = find_files(self.places, settings)
        if self.diff_base is None and not self.staged:
            return files
        from ..scan.changes import of_commit, since

        if self.diff_base is not None:
            return since(files, self.diff_base)
        return of_commit(files, os.environ.get(FROM_REF, ""))
