"""Files below a folder and nothing else, whatever links say."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

STEPWISE = os.open in os.supports_dir_fd
"""Whether this system can be held to a way: one step at a time, none of them a link."""


def read_below(top: Path, name: str, most: int) -> bytes:
    """At most ``most`` bytes of a regular file, by its path relative to ``top``, with ``/``; links may lead to another place
    below it.  Raises OSError for anything else."""
    parts = name.split("/")
    if STEPWISE:
        try:
            return read_stepwise(top, parts, most)
        except OSError:  # perhaps there is a link on the way
            pass
    real, place = Path(os.path.realpath(top)), Path(os.path.realpath(top.joinpath(*parts)))
    if not place.is_relative_to(real):
        raise OSError(0, f"{name} is a link that leads out of {top}")
    if STEPWISE:
        return read_stepwise(real, place.relative_to(real).parts, most)
    with place.open("rb") as stream:
        return stream.read(most)


def read_stepwise(top: Path, parts: Sequence[str], most: int) -> bytes:
    """At most ``most`` bytes of a regular file, reached without following a link: one that appears meanwhile leads nowhere.

    Raises OSError.
    """
    folder = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        opened = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(opened, "rb") as stream:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(0, "it is no regular file")
        return stream.read(most)
