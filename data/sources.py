"""Where code comes from: each source lists its files and says where they come from; the files are read later, one at a time."""

from __future__ import annotations

import platform
import sysconfig
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .archives import archive
from .code_file import CodeFile
from .config import CorpusConfig
from .environments import distributions
from .filters import HELD_OUT, LARGE, by_path
from .folders import below, described
from .header import Project
from .heldout import Guard
from .home import home
from .pins import fetch, read_pins
from .provenance import Listing
from .repositories import repository

STDLIB = "cpython"


@dataclass
class Source:
    """One project: its provenance, its files, and how many were left out for which reason."""

    project: Project
    files: list[CodeFile] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, listing: Listing, guard: Guard, tests: bool, limit: int) -> Source:
        """Take the files of ``listing`` unless their paths, their names or their sizes speak against them."""
        source = cls(listing.project)
        source.dropped[HELD_OUT] = listing.held_out
        prefix = f"{listing.root}/" if listing.root else ""
        for file in listing.files:
            if guard.holds_path(prefix + file.path):
                source.dropped[HELD_OUT] += 1
            elif reason := by_path(file.path, tests):
                source.dropped[reason] += 1
            elif file.size > limit:
                source.dropped[LARGE] += 1
            else:
                source.files.append(file)
        source.dropped = +source.dropped
        return source


def sources(config: CorpusConfig, guard: Guard) -> list[Source]:
    """Everything that the configuration names, in a fixed order.  Downloads packages that are not there yet.

    Raises HeldOut for a source that turns out to be a held-out project, perhaps under another name, and FileNotFoundError or
    ValueError for one that cannot be read.
    """
    found = []
    if config.stdlib:
        found.append(stdlib(config, guard))
    found += [folder(Path(path).expanduser(), config, guard) for path in config.folders]
    for path in config.environments:
        found += environment(Path(path).expanduser(), config, guard)
    listings = packages(config, guard) if config.packages else []  # first: their shards stay the same whatever comes behind
    listings += [archive(Path(path).expanduser(), guard) for path in config.archives]
    listings += [repository(address, guard) for address in config.repositories]
    return found + _taken(listings, config, guard)


def _taken(listings: Iterable[Listing], config: CorpusConfig, guard: Guard) -> list[Source]:
    return [Source.of(listing, guard, config.package_tests, config.file_limit) for listing in listings]


def stdlib(config: CorpusConfig, guard: Guard) -> Source:
    """The standard library of the running Python, without what is installed into it."""
    root = Path(sysconfig.get_paths()["stdlib"])
    project = Project(STDLIB, platform.python_version(), "PSF-2.0", "https://github.com/python/cpython")
    files = [file for file in below(root, root) if not config.stdlib_only or file.path in config.stdlib_only]
    return Source.of(Listing(project, files), guard, config.stdlib_tests, config.file_limit)


def folder(root: Path, config: CorpusConfig, guard: Guard) -> Source:
    """A folder of code.  Folders in it that belong to a held-out project, by their metadata, are left out."""
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such folder; `folders` lists folders of Python code")
    return _taken([described(root.resolve(), guard)], config, guard)[0]


def environment(root: Path, config: CorpusConfig, guard: Guard) -> list[Source]:
    """A ``site-packages`` folder, or one that holds it: one source per installed distribution."""

    return _taken(distributions(root, guard), config, guard)


def packages(config: CorpusConfig, guard: Guard) -> list[Listing]:
    """The pinned packages.  Raises HeldOut for one that turns out to be a held-out project under another name."""
    path = Path(config.packages).expanduser()
    if not path.is_file():
        path = Path(__file__).parent / config.packages
    if not path.is_file():
        raise FileNotFoundError(f"{config.packages}: no such list of packages, neither as a file nor in BugLab")
    fetched = fetch(read_pins(path, guard), home() / "downloads")
    return [archive(found, guard, pin.sha256) for pin, found in fetched.items()]
