"""Code as normalised tokens: what is compared when copies and duplicates are looked for.

Comments, layout and triple-quoted strings (docstrings, nearly always) do not count; names and all other literals do.  The lexer
is one regular expression: it has to be quick and always the same, not right about every corner of the grammar.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

FINGERPRINT_BYTES = 6
SHINGLE = 5
"""Consecutive tokens in one shingle."""

_PIECE = re.compile(
    r"#[^\n]*"
    r"|[rRbBuUfF]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?''')"
    r"|([rRbBuUfF]{0,2}(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|\w+|[^\w\s\\])",
    re.DOTALL,
)


def tokens(text: str) -> list[str]:
    """The tokens of ``text`` that count."""
    return [piece for piece in _PIECE.findall(text) if piece]


def fingerprint(pieces: list[str]) -> int:
    """A 48-bit hash of normalised tokens."""
    digest = blake2b("\x1f".join(pieces).encode("utf-8", "surrogatepass"), digest_size=FINGERPRINT_BYTES).digest()
    return int.from_bytes(digest, "little")


def shingles(pieces: list[str]) -> NDArray[np.uint32]:
    """Hashes of all runs of ``SHINGLE`` tokens, without repetitions: [num_shingles]."""
    found = {" ".join(pieces[i : i + SHINGLE]) for i in range(max(1, len(pieces) - SHINGLE + 1))}
    hashes = b"".join(blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=4).digest() for piece in found)
    return np.frombuffer(hashes, dtype="<u4")
