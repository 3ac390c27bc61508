"""A folder of code as a source."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .code_file import CodeFile
from .header import Project
from .heldout import Guard
from .licences import LICENCE_FILE
from .provenance import METADATA_FILES, Listing, held_out_folders, stated, without

_SKIPPED = {"__pycache__", "site-packages", "dist-packages", "node_modules"}


def below(folder: Path, root: Path) -> Iterator[CodeFile]:
    """Python files in sorted order; links to folders are not followed, and what is not Python's own is skipped."""
    for path, status in _walk(folder):
        if path.suffix == ".py":
            yield CodeFile(path, "", path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)


def described(root: Path, guard: Guard) -> Listing:
    """The files below ``root``, without those of folders that belong to a held-out project by their metadata or remotes."""
    files, texts = [], []
    foreign: set[str] = set()
    for path, status in _walk(root):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            files.append(CodeFile(path, "", name, status.st_size, status.st_mtime_ns))
        if path.name in METADATA_FILES:
            texts.append((name, _text(path)))
    for config in [root / ".git" / "config", *root.glob("**/.git/config")]:
        if config.is_file() and any(map(guard.holds_repository, _remotes(_text(config)))):
            foreign.add(config.parents[1].relative_to(root).as_posix())
    kept, held_out = without(files, foreign | held_out_folders(texts, guard))
    licences = {path.name: _text(path) for path in root.iterdir() if LICENCE_FILE.fullmatch(path.name) and path.is_file()}
    version, licence = stated({name: text for name, text in texts if "/" not in name}, licences)
    return Listing(Project(root.name, version, licence), kept, held_out, root.name)


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files in sorted order.  Folders that may not be read are passed over."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except PermissionError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED and not entry.name.startswith("."):
                yield from _walk(path)
        elif entry.is_file():
            yield path, entry.stat()


def _text(path: Path) -> str:
    try:
        return path.read_bytes()[:200_000].decode("utf-8", "replace")
    except OSError:
        return ""


def _remotes(config: str) -> list[str]:
    return re.findall(r"^\s*url\s*=\s*(\S+)", config, re.MULTILINE)
