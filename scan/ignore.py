"""Files and folders that a walk leaves out: excluded ones, and those that git ignores."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConfigError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

DEFAULT_EXCLUDES = frozenset(
    [
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".git-rewrite",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pyenv",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "__pypackages__",
        "_build",
        "buck-out",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    ]
)
"""Names of folders (and files) left out unless ``exclude`` says otherwise; the same as ruff's."""


class Excludes:
    """Patterns as in .gitignore, relative to ``root``, for a walk below ``top``.

    The walk must ``enter`` each folder before it asks about what lies in it.
    """

    def __init__(self, top: Path, root: Path, exclude: Sequence[str] | None, extend: Sequence[str]) -> None:
        self.root = root
        self.names = DEFAULT_EXCLUDES if exclude is None else frozenset()
        patterns = (*(exclude or ()), *extend)
        self.spec = _sparing(_spec(patterns, strict=True), root, top) if patterns else None
        self._here: str | None = None

    def enter(self, folder: Path) -> None:
        """The walk is in ``folder`` now."""
        self._here = _way(self.root, folder) if folder.is_relative_to(self.root) else None

    def match(self, name: str, is_folder: bool) -> bool:
        """Whether ``name`` in the folder that the walk is in is left out."""
        if name in self.names:
            return True
        return self.spec is not None and self._here is not None and _verdict(self.spec, self._here + name, is_folder) is True


class PathPattern:
    """One pattern as in .gitignore, for paths relative to the project's root; a malformed one raises ConfigError."""

    def __init__(self, pattern: str) -> None:
        self._spec = _spec([pattern], strict=True)

    def match(self, key: str) -> bool:
        return self._spec.match_file(key)


class GitIgnore:
    """The ignore files that count below ``top``: those of the folders on the way from the repository's top, and git's own.

    The walk must ``enter`` each folder before it asks about what lies in it.
    """

    def __init__(self, top: Path) -> None:
        self._specs: dict[Path, GitIgnoreSpec] = {}
        self._repository = next((folder for folder in (top, *top.parents) if (folder / ".git").exists()), None)
        if self._repository is not None:
            patterns = [*_lines(_global_file()), *_lines(self._repository / ".git" / "info" / "exclude")]
            self._base = _sparing(_spec(patterns), self._repository, top) if patterns else None
            for folder in top.parents:
                if folder.is_relative_to(self._repository) and (found := _lines(folder / ".gitignore")):
                    self._specs[folder] = _sparing(_spec(found), folder, top)
        else:
            self._base = None
        self._here: list[tuple[GitIgnoreSpec, str]] = []

    def enter(self, folder: Path, has_file: bool) -> None:
        """The walk is in ``folder`` now, with an ignore file or without."""
        if has_file and (patterns := _lines(folder / ".gitignore")):
            self._specs[folder] = _spec(patterns)
        self._here = list(self._opinions(folder))

    def match(self, name: str, is_folder: bool) -> bool:
        """Whether git ignores ``name`` in the folder that the walk is in; the deepest file that has an opinion decides, within
        it the last pattern."""
        verdicts = (_verdict(spec, way + name, is_folder) for spec, way in self._here)
        return next((verdict for verdict in verdicts if verdict is not None), False)

    def _opinions(self, folder: Path) -> Iterator[tuple[GitIgnoreSpec, str]]:
        """What has an opinion on what lies in ``folder``, the deepest first, and the way from there."""
        for step in (folder, *folder.parents) if self._specs else ():
            if (spec := self._specs.get(step)) is not None:
                yield spec, _way(step, folder)
            if step == self._repository:
                break
        if self._base is not None and self._repository is not None:
            yield self._base, _way(self._repository, folder)


def _way(base: Path, folder: Path) -> str:
    """What the names in ``folder`` begin with, as seen from ``base``."""
    return "" if base == folder else folder.relative_to(base).as_posix() + "/"


def _verdict(spec: GitIgnoreSpec, path: str, is_folder: bool) -> bool | None:
    """True: left out; False: kept by a pattern with ``!``; None: no pattern matches.  ``path`` is seen from the patterns'
    folder."""
    return spec.check_file(f"{path}/" if is_folder else path).include


def _sparing(spec: GitIgnoreSpec, base: Path, top: Path) -> GitIgnoreSpec:
    """``spec`` without the patterns that match ``top`` itself: what was named is not left out."""
    from pathspec import GitIgnoreSpec

    if top == base or not top.is_relative_to(base):
        return spec
    name = top.relative_to(base).as_posix() + "/"
    return GitIgnoreSpec([pattern for pattern in spec.patterns if pattern.match_file(name) is None])


def _spec(patterns: Iterable[str], strict: bool = False) -> GitIgnoreSpec:
    """``strict`` refuses a malformed pattern with ConfigError; else it matches nothing, as in git."""
    from pathspec import GitIgnoreSpec  # costs more than the rest of a walk

    compiled: list[Any] = []
    for pattern in patterns:
        # `docs/**` does not match `docs/` itself, but to pathspec it does; below folders that are left out `docs/*` is the same
        simple = pattern[:-1] if pattern.endswith("/**") else pattern
        try:
            with warnings.catch_warnings(action="ignore"):
                compiled += GitIgnoreSpec.from_lines([simple]).patterns
        except (ValueError, re.error):
            if strict:
                raise ConfigError(f"{pattern!r} is no pattern as in .gitignore; write it as in `tests/**/*.py`") from None
    return GitIgnoreSpec(compiled)


def _lines(path: Path) -> list[str]:
    if not path.is_file():  # a pipe would never end
        return []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def _global_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path("~/.config").expanduser()) / "git" / "ignore"
