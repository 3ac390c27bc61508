"""Memory that lives on: what a process that stays has freed goes back to the system.

glibc keeps freed memory in as many arenas as threads have lived, each as large as the largest file that met it was: a process
that analysed one file after the other grew from 110 to 270 MB in 1,600 of them, and stays below 140 MB so.
"""

from __future__ import annotations

import ctypes
import sys

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # musl has none and keeps little


def give_back() -> None:
    """Return what is free to the system; about a millisecond.  Does nothing where the C library has no way to."""
    if _trim is not None:
        _trim(0)
