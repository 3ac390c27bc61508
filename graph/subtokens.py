"""Texts as a few hashed subtokens: ``readHTTPHeader_2`` is read, http, header, 2.

Hashing needs no vocabulary pass over the corpus and knows no unknown words; the price is that rare words share a row.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from itertools import islice
from zlib import crc32

from .schema import BUCKETS, SUBTOKENS

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+|[^\w\s]+")
_LONG = 200


@lru_cache(maxsize=200_000)
def packed(text: str) -> bytes:
    """The subtokens of ``text`` as they lie in an array of int32."""
    return struct.pack(f"{SUBTOKENS}i", *subtokens(text))


def subtokens(text: str) -> tuple[int, ...]:
    """The bucket ids of ``text``, exactly SUBTOKENS of them, padded with 0."""
    parts = islice(_PART.finditer(text[:_LONG]), SUBTOKENS)
    ids = [crc32(part[0].lower().encode("utf-8", "replace")) % (BUCKETS - 1) + 1 for part in parts]
    return (*ids, *([0] * (SUBTOKENS - len(ids))))
