"""The modules around a file of a corpus: the files of the same source, and no others, which the guard has let pass."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from ..rewrites.outline import MAX_CHARACTERS
from ..rewrites.project import Around, Folder
from ..rewrites.source import Unreadable, decode
from .code_file import CodeFile, UnreadableFile


class Modules:
    """The files of one source as modules."""

    def __init__(self, files: Sequence[CodeFile]) -> None:
        self._files: Mapping[str, CodeFile] = {file.path: file for file in files}
        self._folder = Folder(self._files.__contains__, self._read, _text)

    def around(self, file: CodeFile) -> Around:
        return self._folder.around(file.path)

    def _read(self, path: str) -> bytes:
        file = self._files[path]
        try:
            return file.read() if file.size <= MAX_CHARACTERS else b""
        except UnreadableFile:
            return b""


def _text(data: bytes) -> str:
    try:
        return decode(data)
    except Unreadable:
        return ""


def stamp(files: Sequence[CodeFile]) -> int:
    """Changes when any file of a source does: its other modules show in a file's graphs."""
    return zlib.crc32(repr([(file.path, file.size, file.stamp) for file in files]).encode())
