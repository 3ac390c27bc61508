"""Memory that the parser has freed, given back to the system.

LibCST's parser allocates some seven kilobytes for a line, and when it is done all but one of them are free again.  But glibc
keeps freed blocks for itself, where Python's own allocator does not look for them: a file of 100,000 lines would leave 600 MB.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

LARGE = 300_000
"""Characters of a text after which it is worth the milliseconds."""


def give_back(text: str) -> None:
    """Let the system have what is free after ``text`` was parsed; does nothing where the C library is not glibc."""
    if len(text) > LARGE and (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    import ctypes  # only for large files

    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
    return trim
