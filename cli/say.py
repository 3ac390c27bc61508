"""Sentences for the person at the terminal, on standard error."""

from __future__ import annotations

import sys


def say(sentence: str) -> None:
    """What the terminal cannot express is escaped."""
    encoding = sys.stderr.encoding or "utf-8"
    print(sentence.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
