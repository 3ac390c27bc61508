"""Which files a scan reads: what was named, and the Python files below the folders that were named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .config import Settings
from .errors import CannotScan
from .ignore import Excludes, GitIgnore

SUFFIXES = (".py", ".pyi", ".pyw")


@dataclass(frozen=True, slots=True)
class File:
    """One file to scan.

    ``shown`` is its name in reports: relative to the working directory where it lies below it, else absolute, with forward
    slashes.  ``key`` is its path relative to the project's root, for fingerprints.  ``data`` holds the bytes if they do not
    come from the disk; ``problem`` says why there is nothing to read.  ``earlier`` holds the bytes of an earlier version, empty
    if there was none: only what is new since then is reported.  ``root`` is a folder below which its project lies, of whose
    files its graphs show something; without, it is seen alone.
    """

    path: Path
    shown: str
    key: str
    size: int = 0
    data: bytes | None = None
    problem: str = ""
    earlier: bytes | None = None
    root: Path | None = None


def find_files(paths: Sequence[Path], settings: Settings) -> list[File]:
    """All files to scan, each once, sorted by path.  Raises CannotScan where a path that was named does not exist.

    A file that was named is scanned whatever its name; excludes and ignore files only count below the folders that were named,
    unless ``force_exclude`` is set: then excludes count for what was named too.
    """
    named = [absolute(path) for path in paths]
    if missing := [str(given) for given, path in zip(paths, named, strict=True) if not os.path.lexists(path)]:
        listed = ", ".join(missing)
        raise CannotScan(f"no such file or folder: {listed}" if len(missing) == 1 else f"no such files or folders: {listed}")
    found: dict[Path, File] = {}
    for path in named:
        if settings.force_exclude and is_excluded(path, settings):
            continue
        if path.is_dir():
            for file in _below(path, settings):
                found.setdefault(file.path, file)
        else:
            found[path] = _file(path, settings)
    return _each_once(sorted(found.values(), key=lambda file: file.path.parts), set(named))


def named_file(path: Path, settings: Settings, data: bytes) -> File:
    """A file whose bytes are given, as from standard input."""
    path = absolute(path)
    return File(path, shown_name(path), _key(path, settings), len(data), data, root=settings.root)


def absolute(path: Path) -> Path:
    """``path`` from the root, without ``..``; links stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # Path.resolve follows links


def shown_name(path: Path) -> str:
    """``path`` (absolute) as reports show it."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _key(path: Path, settings: Settings) -> str:
    return path.relative_to(settings.root).as_posix() if path.is_relative_to(settings.root) else shown_name(path)


def _file(path: Path, settings: Settings, problem: str = "") -> File:
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # reading it will say what is wrong
    return File(path, shown_name(path), _key(path, settings), size, problem=problem, root=settings.root)


def _below(top: Path, settings: Settings) -> Iterator[File]:
    excludes = Excludes(top, settings.root, settings.exclude, settings.extend_exclude)
    git = GitIgnore(top) if settings.respect_gitignore else None
    failures: list[OSError] = []
    for folder, folders, names in os.walk(top, onerror=failures.append):
        here = Path(folder)
        excludes.enter(here)
        if git is not None:
            git.enter(here, ".gitignore" in names)

        def kept(name: str, is_folder: bool) -> bool:
            return not excludes.match(name, is_folder) and not (git is not None and git.match(name, is_folder))

        folders[:] = sorted(name for name in folders if kept(name, True))
        chosen = [name for name in names if name.endswith(SUFFIXES) and kept(name, False)]
        if chosen:
            yield from _in(here, chosen, settings)
    for error in failures:
        yield _file(Path(error.filename), settings, f"the folder cannot be read: {error.strerror or error}")


def _in(folder: Path, names: Sequence[str], settings: Settings) -> Iterator[File]:
    """The files of a folder that can be read or should be.  Where the folder is stands in each of their names: a path's way to
    the root is worked out once."""
    inside, shown, key = os.path.join(folder, ""), _way(shown_name(folder)), _way(_key(folder, settings))  # noqa: PTH118
    for name in names:
        size = _size(inside + name)
        if size is not None:
            yield File(folder / name, shown + name, key + name, size, root=settings.root)


def _way(folder: str) -> str:
    return "" if folder == "." else folder if folder.endswith("/") else folder + "/"


def _size(path: str) -> int | None:
    """Bytes of a file; 0 where only reading it will say what is wrong; None for what is no file: a pipe, a socket or a dangling
    link (as editors leave for their locks)."""
    try:
        status = os.stat(path)  # noqa: PTH116  # of every file, and a Path costs as much again
    except OSError:
        return None if os.path.islink(path) else 0  # noqa: PTH114
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def is_excluded(path: Path, settings: Settings) -> bool:
    """Whether ``path`` or a folder on the way to it from the root is left out."""
    if not path.is_relative_to(settings.root):
        return False
    excludes = Excludes(settings.root, settings.root, settings.exclude, settings.extend_exclude)
    way = [path, *path.parents]
    for step in way[: way.index(settings.root)]:
        excludes.enter(step.parent)
        if excludes.match(step.name, step.is_dir()):
            return True
    return False


def _each_once(files: list[File], named: set[Path]) -> list[File]:
    """Drop links to files that are scanned under their own name."""
    own = {file.path for file in files}
    kept: list[File] = []
    for file in files:
        if file.path.is_symlink() and file.path not in named:
            try:
                target = file.path.resolve()
            except (OSError, RuntimeError):
                target = file.path
            if target in own:
                continue
            own.add(target)
        kept.append(file)
    return kept
