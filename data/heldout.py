"""The guard that keeps the projects that judge BugLab out of everything BugLab learns from.

``heldout.txt`` names them; it is part of the method.  A copy is recognised by the name of its distribution, by its repository,
by its import name anywhere in a path (a folder ``_vendor/requests`` or a module ``peewee.py``), and by content: fingerprints of
their functions, so that a renamed folder is recognised as well.  The list of fingerprints holds hashes only, no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from .fingerprint_list import FingerprintList
from .home import home

FINGERPRINTS = "heldout-fingerprints.npy"
FINGERPRINT_TOKENS = 30
"""Shorter functions have no fingerprint: too many of them are alike by chance."""

_HERE = Path(__file__).parent
_REPOSITORY = re.compile(r"(?:github|gitlab|bitbucket)\.(?:com|org)[/:]([\w.-]+)/([\w.-]+)", re.IGNORECASE)


class HeldOut(Exception):
    """A source was asked for by name that must never be learned from."""


def normalised(distribution: str) -> str:
    """The distribution's name as package indexes compare it: ``Zc.Buildout`` and ``zc_buildout`` are ``zc-buildout``."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


@dataclass(frozen=True)
class Guard:
    """What is held out.  All questions are answered without touching the disk."""

    repositories: frozenset[str]
    """``owner/name`` in lower case"""
    distributions: frozenset[str]
    """normalised"""
    imports: frozenset[tuple[str, ...]]
    """import names as path parts: ``("zc", "buildout")``"""
    fingerprints: FingerprintList

    @classmethod
    def load(cls) -> Guard:
        """The list in the package, with the fingerprints in the package and in ``$BUGLAB_HOME``."""
        known = FingerprintList.read(_HERE / FINGERPRINTS)
        more = home() / FINGERPRINTS
        if more.is_file():
            known |= FingerprintList.read(more)
        return replace(cls.names(), fingerprints=known)

    @classmethod
    def names(cls) -> Guard:
        """The list in the package without fingerprints: knows names and paths, not content."""
        return cls.parse((_HERE / "heldout.txt").read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str, fingerprints: FingerprintList | Iterable[int] = ()) -> Guard:
        """Lines ``repository | distributions | import names``; ``#`` begins a comment."""
        repositories: set[str] = set()
        distributions: set[str] = set()
        imports: set[tuple[str, ...]] = set()
        for line in text.splitlines():
            line = line.partition("#")[0].strip()
            if not line:
                continue
            columns = [column.split() for column in line.split("|")]
            if len(columns) != 3 or not all(columns):
                raise ValueError(f"heldout.txt: the line {line!r} is not `repository | distributions | import names`")
            repositories.update(name.lower() for name in columns[0])
            distributions.update(normalised(name) for name in columns[1])
            imports.update(tuple(name.split(".")) for name in columns[2])
        known = fingerprints if isinstance(fingerprints, FingerprintList) else FingerprintList(fingerprints)
        return cls(frozenset(repositories), frozenset(distributions), frozenset(imports), known)

    def holds_distribution(self, name: str) -> bool:
        return normalised(name) in self.distributions

    def holds_repository(self, address: str) -> bool:
        """``address`` is a web or git address, or ``owner/name``."""
        found = _REPOSITORY.search(address)
        owner, name = found.groups() if found else (*address.split("/"), "", "")[:2]
        return f"{owner}/{name.removesuffix('.git')}".lower() in self.repositories

    def holds_path(self, path: str) -> bool:
        """Whether a folder or module of ``path`` (with ``/``) bears a held-out import name."""
        parts = list(PurePosixPath(path).parts)
        if not parts:
            return False
        parts[-1] = parts[-1].removesuffix(".py")
        if any(self._marks(part) for part in parts):
            return True
        return any(parts[i : i + len(name)] == list(name) for name in self._dotted for i in range(len(parts) - len(name) + 1))

    def _marks(self, part: str) -> bool:
        if (part,) in self.imports or tuple(part.split(".")) in self.imports:
            return True
        versioned = re.match(r"(.+?)-\d[\w.!+]*(?:-.*)?(?:\.(?:dist-info|egg-info|egg|data))?$", part)  # requests-2.31.0
        return bool(versioned) and self.holds_distribution(versioned[1])  # type: ignore[index]  # not None after bool()

    @cached_property
    def _dotted(self) -> tuple[tuple[str, ...], ...]:
        return tuple(name for name in self.imports if len(name) > 1)

    def knows(self, units: Sequence[tuple[str, int, int]]) -> list[bool]:
        """Which units of one file are copies, by content; each is given as (kind, number of tokens, fingerprint).

        Where half of the functions that are long enough, and at least two, are known, the whole file is a copy.
        """
        long = [kind == "function" and tokens >= FINGERPRINT_TOKENS for kind, tokens, _ in units]
        known = self.fingerprints.knows([digest for _, _, digest in units]).tolist()
        hits = [fits and hit for fits, hit in zip(long, known, strict=True)]
        return [True] * len(units) if sum(hits) >= 2 and 2 * sum(hits) >= sum(long) else hits
