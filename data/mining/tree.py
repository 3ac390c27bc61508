"""The files of one commit as the modules of a project."""

from __future__ import annotations

from functools import cache

from ...rewrites.outline import MAX_CHARACTERS
from ...rewrites.project import Folder, Outlines
from ...rewrites.source import Unreadable, decode
from .git import NotMinable, Objects


def tree(objects: Objects, commit: str, outlines: Outlines) -> Folder:
    """Read while ``objects`` is open, as far as it is asked for."""

    @cache
    def content(path: str) -> bytes | None:
        try:
            return objects.read(f"{commit}:{path}")
        except NotMinable:
            return None

    def read(path: str) -> bytes:
        data = content(path) or b""
        return data if len(data) <= MAX_CHARACTERS else b""

    return Folder(lambda path: content(path) is not None, read, _text, outlines)


def _text(data: bytes) -> str:
    try:
        return decode(data)
    except Unreadable:
        return ""
