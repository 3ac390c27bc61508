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
    """Write a file in UTF-8 next to ``path`` and rename it; raises CannotScan."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        stream = temporary.open("wb")
    except OSError as error:
        raise CannotScan(f"cannot write {path}: {error.strerror or error}") from None
    try:
        with stream:
            for piece in pieces:
                stream.write(piece.encode("utf-8", "backslashreplace"))
        temporary.replace(path)
    except OSError as error:
        raise CannotScan(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def wants_colour(choice: str, to_file: bool) -> bool:
    """Whether to colour: as told, else on a terminal that is not dumb; NO_COLOR and FORCE_COLOR are heeded."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return not to_file
    return not to_file and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
