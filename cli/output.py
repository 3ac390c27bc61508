"""Where a report goes: standard output, or a file that appears only once it is whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from ..scan.errors import CannotScan


def write_stdout(pieces: Iterable[str], encoding: str | None = None) -> None:
    """Write and flush piece by piece, in ``encoding`` or the terminal's; what it cannot express is escaped, never an error."""
    stream = sys.stdout
    for piece in pieces:
        data = piece.encode(encoding or stream.encoding or "utf-8", "backslashreplace")
        stream.buffer.write(data)
        stream.buffer.flush()


def write_file(pieces: Iterable[str], path: Path) -> None:
    """Write a file in UTF-8 next to ``path`` and rename it; links stay links.  Raises CannotScan.

    What is there and is no file, such as a pipe or a device, is written to instead: a name on it would put an end to /dev/null.
    """
    try:
        if path.exists() and not path.is_file():
            _write(pieces, path)
        else:
            _replace(pieces, Path(os.path.realpath(path)))
    except OSError as error:
        raise CannotScan(f"cannot write {path}: {error.strerror or error}") from None


def _replace(pieces: Iterable[str], path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write(pieces, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write(pieces: Iterable[str], path: Path) -> None:
    with path.open("wb") as stream:
        for piece in pieces:
            stream.write(piece.encode("utf-8", "backslashreplace"))


def wants_colour(choice: str, to_file: bool) -> bool:
    """Whether to colour: as told, else on a terminal that is not dumb; NO_COLOR and FORCE_COLOR are heeded."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return not to_file
    return not to_file and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
