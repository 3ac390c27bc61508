"""The projects that files stand in, read as far as imports lead: what the graphs of one file show of others.

What was seen of other modules is written down with a file's assessment, so that a later scan can tell without the network, and
nearly always without a parser, whether it would see the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from ..rewrites.outline import MAX_CHARACTERS, Outline
from ..rewrites.project import ALONE, Around, Folder, Outlines, Reach
from .assessment import Seen
from .below import read_below
from .content import text_of
from .files import File

MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")
"""A folder with one of these is the top of a project."""

ABSENT = ""
"""Content of a module that the project does not have."""


class Projects:
    """Each file is looked at once: whoever needs to see what has changed makes new ones, which may share ``outlines``."""

    def __init__(self, outlines: Outlines | None = None) -> None:
        self.outlines = Outlines() if outlines is None else outlines
        self._tops: dict[tuple[str, str], str] = {}
        self._folders: dict[str, Folder] = {}

    def around(self, file: File) -> Around:
        """Where a file stands in its project; alone if it has no root."""
        if file.root is None:
            return ALONE
        path = str(file.path)
        top = self._top(os.path.dirname(path), str(file.root))  # noqa: PTH120  # of every file, and a Path takes five times as long
        if top not in self._folders:
            self._folders[top] = _folder(top, self.outlines)
        return self._folders[top].around(path[len(top) :].replace(os.sep, "/").lstrip("/"))

    def place(self, file: File, data: bytes) -> str:
        """Stands for what decides where the imports in ``data``, a content of ``file``, lead to."""
        around = self.around(file) if b"import" in data else ALONE
        return "" if around.project is None else f"{around.project.base}:{around.module}:{around.is_package}"

    def renewed(self, file: File, seen: tuple[Seen, ...]) -> tuple[Seen, ...] | None:
        """What was ``seen`` around a file, with the contents that are there now; None if something else would be seen."""
        if not seen:
            return seen
        reach = self.around(file).project
        if reach is None:
            return None
        now: list[Seen] = []
        for past in seen:
            found = _look(reach, past)
            if found.content != past.content and (ABSENT in (found.content, past.content) or found.says != past.says):
                return None
            now.append(found)
        return tuple(now)

    def _top(self, folder: str, root: str) -> str:
        """The nearest folder upwards that is the top of a project, at most ``root`` where that is on the way."""
        known = self._tops.get((folder, root))
        if known is None:
            above = os.path.dirname(folder)  # noqa: PTH120
            here = folder in (root, above) or any(os.path.lexists(f"{folder}/{mark}") for mark in MARKS)
            known = self._tops[folder, root] = folder if here else self._top(above, root)
        return known


def seen(around: Around) -> tuple[Seen, ...]:
    """What a file has seen of other modules so far."""
    reach = around.project
    if reach is None:
        return ()
    found: list[Seen] = []
    for name, reached in reach.modules.items():
        if reached is None:
            found.append(Seen(name, ABSENT, (), ""))
        else:
            names = tuple(sorted(reach.asked.get(name, ())))
            module = reached.module
            says = _says(module.outline, module.is_package, names)
            found.append(Seen(name, _content(reached.content, module.is_package), names, says))
    return tuple(found)


def _look(reach: Reach, past: Seen) -> Seen:
    """The same with what is there now."""
    found = reach.folder.find(past.module, reach.base)
    if found is None:
        return Seen(past.module, ABSENT, (), "")
    content = _content(reach.folder.content(found.path).digest, found.is_package)
    if content == past.content:
        return past
    content_then, outline = reach.folder.outline(found.path)
    says = _says(outline, found.is_package, past.names)
    return Seen(past.module, _content(content_then.digest, found.is_package), past.names, says)


def _content(digest: bytes, is_package: bool) -> str:
    """A module and a package import differently from the same text."""
    return f"{digest.hex()}{'/' if is_package else ''}"


def _says(outline: Outline, is_package: bool, names: Sequence[str]) -> str:
    """Stands for all that a module says about ``names``."""
    facts = [(name, outline.about(name)) for name in names]
    return blake2b(repr((is_package, facts)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _folder(top: str, outlines: Outlines) -> Folder:
    def has(path: str) -> bool:
        return os.path.isfile(f"{top}/{path}")  # noqa: PTH113  # a Path takes longer than the system

    def read(path: str) -> bytes:
        try:
            data = read_below(Path(top), path, MAX_CHARACTERS + 1)
        except OSError:
            return b""
        return data if len(data) <= MAX_CHARACTERS else b""

    return Folder(has, read, _text, outlines)


def _text(data: bytes) -> str:
    try:
        return text_of(data)
    except (SyntaxError, LookupError, ValueError):
        return ""
