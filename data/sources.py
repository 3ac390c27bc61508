"""Where code comes from: the standard library, folders, packages.  Files are listed here and read later, one at a time."""

from __future__ import annotations

import email.parser
import os
import platform
import re
import sysconfig
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .config import CorpusConfig
from .filters import HELD_OUT, LARGE, by_path
from .header import Project
from .heldout import Guard, HeldOut
from .home import home
from .pins import fetch, read_pins

STDLIB = "cpython"
_SKIPPED = {"__pycache__", "site-packages", "dist-packages", "node_modules"}
_ADDRESS_LABELS = {"homepage", "home", "home page", "source", "source code", "repository", "code", "github"}


@dataclass(frozen=True)
class CodeFile:
    """One Python file on disk or in an archive."""

    container: Path
    """the file itself, or the archive it is a member of"""
    member: str
    """name within the archive; empty for a file on disk"""
    path: str
    """relative to the project, with ``/``; what provenance shows"""
    size: int
    stamp: int
    """changes when the content does: modification time in ns, or CRC-32"""

    def read(self) -> bytes:
        return _archive(self.container).read(self.member) if self.member else self.container.read_bytes()


@lru_cache(maxsize=2)
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


@dataclass
class Source:
    """One project: its provenance, its files, and how many were left out for which reason."""

    project: Project
    files: list[CodeFile] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def offer(self, file: CodeFile, guard: Guard, tests: bool, limit: int) -> None:
        """Take ``file`` unless its path, its name or its size speaks against it."""
        if guard.holds_path(file.path):
            self.dropped[HELD_OUT] += 1
        elif reason := by_path(file.path, tests):
            self.dropped[reason] += 1
        elif file.size > limit:
            self.dropped[LARGE] += 1
        else:
            self.files.append(file)


def sources(config: CorpusConfig, guard: Guard) -> list[Source]:
    """Everything that the configuration names, in a fixed order.  Downloads packages that are not there yet."""
    found = []
    if config.stdlib:
        found.append(stdlib(config, guard))
    found += [folder(Path(path).expanduser(), config, guard) for path in config.folders]
    if config.packages:
        found += packages(config, guard)
    return found


def stdlib(config: CorpusConfig, guard: Guard) -> Source:
    """The standard library of the running Python, without what is installed into it."""
    root = Path(sysconfig.get_paths()["stdlib"])
    source = Source(Project(STDLIB, platform.python_version(), "PSF-2.0"))
    for file in _below(root, root):
        if not config.stdlib_only or file.path in config.stdlib_only:
            source.offer(file, guard, config.stdlib_tests, config.file_limit)
    return source


def folder(root: Path, config: CorpusConfig, guard: Guard) -> Source:
    """A folder of code.  Folders in it that belong to a held-out project, by their metadata, are left out."""
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such folder; `folders` lists folders of Python code")
    root = root.resolve()
    source = Source(Project(root.name, "", "unknown"))
    foreign: dict[Path, bool] = {}
    for file in _below(root, root):
        described = any(_belongs_to_held_out(parent, guard, foreign) for parent in _parents(file.container, root))
        if described or guard.holds_path(f"{root.name}/{file.path}"):
            source.dropped[HELD_OUT] += 1
        else:
            source.offer(file, guard, config.package_tests, config.file_limit)
    return source


def packages(config: CorpusConfig, guard: Guard) -> list[Source]:
    """The pinned packages, as wheels.  Raises HeldOut for one that turns out to be a held-out project under another name."""
    path = Path(config.packages).expanduser()
    if not path.is_file():
        path = Path(__file__).parent / config.packages
    if not path.is_file():
        raise FileNotFoundError(f"{config.packages}: no such list of packages, neither as a file nor in BugLab")
    wheels = fetch(read_pins(path, guard), home() / "downloads")
    return [wheel(archive, config, guard) for archive in wheels.values()]


def wheel(path: Path, config: CorpusConfig, guard: Guard) -> Source:
    """One wheel, read as an archive."""
    archive = _archive(path)
    source = Source(_provenance(archive, path, guard))
    for member in archive.infolist():
        if member.filename.endswith(".py"):
            file = CodeFile(path, member.filename, member.filename, member.file_size, member.CRC)
            source.offer(file, guard, config.package_tests, config.file_limit)
    return source


def _provenance(archive: zipfile.ZipFile, path: Path, guard: Guard) -> Project:
    named = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
    if not named:
        raise ValueError(f"{path}: a wheel without METADATA")
    meta = email.parser.Parser().parsestr(archive.read(named[0]).decode("utf-8", "replace"), headersonly=True)
    name = str(meta["Name"])
    labelled = [str(line).split(",", 1) for line in meta.get_all("Project-URL") or []]
    addresses = [address for label, address in labelled if label.strip().lower() in _ADDRESS_LABELS]
    addresses.append(str(meta["Home-page"] or ""))
    if guard.holds_distribution(name) or any(guard.holds_repository(address) for address in addresses):
        raise HeldOut(f"{path.name} is {name}, which is held out to judge BugLab; take it off the list")
    classified = [str(line).rpartition(" :: ")[2] for line in meta.get_all("Classifier") or [] if "License ::" in str(line)]
    free_text = str(meta["License"] or "").strip().splitlines()
    licence = meta["License-Expression"] or " / ".join(classified) or (free_text[0][:80] if free_text else "unknown")
    return Project(name, str(meta["Version"]), str(licence))


def _below(folder: Path, root: Path) -> Iterator[CodeFile]:
    """Python files in sorted order; links to folders are not followed."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and not entry.name.startswith("."):
                    yield from _below(path, root)
            elif entry.name.endswith(".py") and entry.is_file():
                status = entry.stat()
                yield CodeFile(path, "", path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)


def _parents(path: Path, root: Path) -> Iterator[Path]:
    while path != root:
        path = path.parent
        yield path


def _belongs_to_held_out(folder: Path, guard: Guard, known: dict[Path, bool]) -> bool:
    if folder not in known:
        known[folder] = any(guard.holds_distribution(name) for name in _names(folder)) or any(
            guard.holds_repository(address) for address in _remotes(folder)
        )
    return known[folder]


def _names(folder: Path) -> Iterator[str]:
    """Names of distributions that the metadata files in ``folder`` state."""
    project = folder / "pyproject.toml"
    if project.is_file():
        try:
            tables = tomllib.loads(project.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            tables = {}
        yield str(tables.get("project", {}).get("name", ""))
        yield str(tables.get("tool", {}).get("poetry", {}).get("name", ""))
    for path in (folder / "PKG-INFO", folder / "METADATA", folder / "setup.cfg", folder / "setup.py"):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")[:100_000]
            pattern = r"^\s*name\s*[:=]\s*[\"']?([\w.-]+)" if path.suffix != ".py" else r"\bname\s*=\s*[\"']([\w.-]+)[\"']"
            yield from (match[1] for match in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE))


def _remotes(folder: Path) -> Iterator[str]:
    config = folder / ".git" / "config"
    if config.is_file():
        yield from re.findall(r"^\s*url\s*=\s*(\S+)", config.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
