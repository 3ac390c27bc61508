"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType

DELAY = 0.7
"""Seconds before a bar appears: what is quicker needs none."""

INTERVAL = 0.1
WIDTH = 30


class Progress:
    """Counts files up to ``total``.  ``clear`` takes the bar away before something else is printed; it comes back by itself."""

    def __init__(self, total: int, wanted: bool = True) -> None:
        self.total, self.done = total, 0
        self.shown = wanted and sys.stderr.isatty()
        self._drawn = False
        self._next = time.monotonic() + DELAY

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def advance(self) -> None:
        self.done += 1
        if self.shown and (now := time.monotonic()) >= self._next:
            self._next = now + INTERVAL
            filled = WIDTH * self.done // max(self.total, 1)
            self._write(f"\r{'━' * filled}{'╌' * (WIDTH - filled)} {self.done}/{self.total} files")
            self._drawn = True

    def clear(self) -> None:
        if self._drawn:
            self._write("\r\x1b[2K")
            self._drawn = False

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, UnicodeEncodeError):
            self.shown = False
