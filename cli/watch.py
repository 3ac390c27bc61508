"""``--watch``: scan again whenever a file changes."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from ..scan.config import Settings
from ..scan.errors import CannotScan
from ..scan.files import File
from .choice import Choice
from .say import say
from .tally import count

PAUSE_S = 1.0
SHARE = 0.02
"""Of a processor's time that looking may take: where it takes long, the pauses grow."""

CLEAR = "\x1b[2J\x1b[3J\x1b[H"

State = dict[Path, tuple[int, int, int]]


def watch(choice: Choice, scan: Callable[[Settings, list[File]], object]) -> NoReturn:
    """Call ``scan`` now and after every change of a file, until interrupted.

    What is chosen is found out at every look, for files come and go and settings change.  What is wrong then is said, and ends
    nothing.  Only changed files are analysed again: without a cache of the user's, one that goes with the process helps.
    """
    with tempfile.TemporaryDirectory(prefix="buglab-watch-") as folder:
        seen: tuple[State, str] | None = None
        while True:
            began = _spent()
            settings, files, complaint = _look(choice, Path(folder))
            state = _state(settings, files)
            looking = _spent() - began
            if (state, complaint) != seen:
                seen = (state, complaint)
                _clear()
                _scan(scan, settings, files, complaint)
            time.sleep(max(PAUSE_S, looking / SHARE))


def _spent() -> float:
    """CPU seconds, those of finished child processes (git) included."""
    return sum(os.times()[:4])


def _look(choice: Choice, folder: Path) -> tuple[Settings, list[File], str]:
    try:
        settings = choice.settings()
        files = choice.files(settings)
    except CannotScan as error:
        return Settings(), [], str(error)
    return settings if settings.cache else replace(settings, cache=True, cache_dir=folder), files, ""


def _scan(scan: Callable[[Settings, list[File]], object], settings: Settings, files: list[File], complaint: str) -> None:
    try:
        if complaint:
            raise CannotScan(complaint)
        scan(settings, files)
        say(f"Watching {count(len(files), 'file')}; Ctrl-C ends it.")
    except CannotScan as error:
        say(f"buglab: {error}")


def _state(settings: Settings, files: list[File]) -> State:
    """When each file was last changed, and how large it is; the configuration is one of them."""
    state: State = {}
    for path in (*(file.path for file in files), *([settings.source] if settings.source else [])):
        with suppress(OSError):
            found = path.stat()
            state[path] = (found.st_mtime_ns, found.st_size, found.st_ino)
    return state


def _clear() -> None:
    if sys.stdout.isatty():
        sys.stdout.write(CLEAR)
        sys.stdout.flush()
