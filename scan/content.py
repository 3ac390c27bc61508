"""Bytes of files: read with a bound, and decoded as Python does it."""

from __future__ import annotations

import io
import tokenize

from .files import File

MOST_BYTES = 16_000_000
"""No text that the parser accepts has more (4,000,000 characters); nothing beyond is read."""


class Unread(Exception):
    """A file whose bytes cannot be had; the message is a sentence."""


def read(file: File) -> bytes:
    """The bytes of ``file``; raises Unread."""
    if file.problem:
        raise Unread(file.problem)
    if file.data is not None:
        return file.data
    try:
        with file.path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unread(f"the file cannot be read: {error.strerror or error}") from None
    if len(data) > MOST_BYTES:
        raise Unread(f"the file has more than {MOST_BYTES:,} bytes; exclude it or split it")
    return data


def encoding_of(data: bytes) -> str:
    """By its byte order mark or coding cookie (PEP 263); raises SyntaxError or LookupError for an unknown one."""
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def text_of(data: bytes) -> str:
    """The text of bytes that are known to be readable; line ends stay as they are."""
    return data.decode(encoding_of(data))
