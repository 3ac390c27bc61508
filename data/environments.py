"""Installed environments as sources: every distribution in a ``site-packages`` folder is a project of its own."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from .folders import below
from .header import Project
from .heldout import Guard, HeldOut
from .licences import LICENCE_FILE, UNKNOWN
from .provenance import Listing, parsed, project_of

_PLACES = ("lib/python3*/site-packages", "Lib/site-packages", "lib/python3/dist-packages")


def distributions(root: Path, guard: Guard) -> list[Listing]:
    """What is installed in ``root``, a ``site-packages`` folder or a virtual environment, by the records of the distributions.

    Those that are held out come without files, and their files are counted; files that no distribution records are a project
    of their own, ``site-packages``.  Nothing is imported.  Raises FileNotFoundError.
    """
    folder = next((found for place in _PLACES for found in sorted(root.glob(place)) if found.is_dir()), root)
    described = sorted([*folder.glob("*.dist-info/METADATA"), *folder.glob("*.egg-info/PKG-INFO")])
    if not described:
        raise FileNotFoundError(f"{root}: no installed distributions; `environments` lists site-packages folders")
    files = {file.path: file for file in below(folder, folder)}
    found = []
    for metadata in described:
        own = [files.pop(path) for path in sorted(_recorded(metadata)) if path in files]
        try:
            meta = parsed(_text(metadata))
            project = project_of(meta, guard, str(metadata.parent.name), "", _licences(metadata.parent))
            found.append(Listing(project, own))
        except HeldOut:
            found.append(Listing(Project(str(meta["Name"]), str(meta["Version"]), UNKNOWN), [], len(own)))
    if files:
        found.append(Listing(Project("site-packages", "", UNKNOWN), list(files.values())))
    return found


def _recorded(metadata: Path) -> Iterator[str]:
    """Paths below ``site-packages`` that a distribution says are its own."""
    record, installed, listed = (metadata.with_name(name) for name in ("RECORD", "installed-files.txt", "top_level.txt"))
    if record.is_file():
        yield from (row[0] for row in csv.reader(_text(record).splitlines()) if row)
    elif installed.is_file():
        folder = PurePosixPath(metadata.parent.name)
        for line in _text(installed).splitlines():
            yield (folder.parent / line.removeprefix("../")).as_posix()
    elif listed.is_file():
        for name in _text(listed).split():
            yield f"{name}.py"
            yield from (path.relative_to(metadata.parents[1]).as_posix() for path in (metadata.parents[1] / name).rglob("*.py"))


def _licences(folder: Path) -> dict[str, str]:
    places = [*folder.glob("*"), *folder.glob("licenses/*")]
    return {path.name: _text(path) for path in places if LICENCE_FILE.fullmatch(path.name) and path.is_file()}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
