"""Reading a repository's history with git's plumbing: nothing is checked out, nothing is fetched, nothing in it is run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_CALM = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
"""Nobody's settings but the repository's, and of those none that runs a program or asks a server."""

_SETTINGS = (
    "core.deltaBaseCacheLimit=256m",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "protocol.allow=never",
    "i18n.logOutputEncoding=UTF-8",
    "safe.directory=*",
)
_DIFF = ("-r", "--no-renames", "--diff-filter=M", "--no-ext-diff", "--no-textconv", "--ignore-submodules", "--full-index")


class NotMinable(Exception):
    """A repository that cannot be mined, or an object that cannot be read: one sentence."""


@dataclass(frozen=True)
class Repository:
    """A repository on this disk, bare or not."""

    path: Path
    project: str
    """``owner/name`` of its origin, else the name of its folder"""
    shallow: bool

    @classmethod
    def open(cls, path: Path) -> Repository:
        """Raises NotMinable with a sentence."""
        if not path.exists():
            raise NotMinable(f"{path}: there is no such folder; name a clone of a git repository")
        try:
            answers = _git(path, "rev-parse", "--absolute-git-dir", "--is-shallow-repository", "--is-bare-repository")
        except NotMinable:
            raise NotMinable(f"{path}: this is no git repository; name the folder of a clone") from None
        folder, shallow, bare = answers.decode().split("\n")[:3]
        here = Path(folder)
        top = here if bare == "true" else Path(_git(path, "rev-parse", "--show-toplevel").decode().strip())
        if top.resolve() != path.resolve() and here.resolve() != path.resolve():  # a folder inside of some other repository
            raise NotMinable(f"{path}: this is a folder inside the git repository {top}; name the folder of a clone")
        try:
            settings = _git(here, "config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$")
        except NotMinable:
            settings = b""
        if settings:
            raise NotMinable(f"{path}: this is a partial clone, whose missing files git would download; clone it whole")
        try:
            _git(here, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except NotMinable:
            raise NotMinable(f"{path}: the repository has no commit that HEAD leads to") from None
        return cls(here, _project(here, top), shallow == "true")

    def commits(self, revisions: Sequence[str] = ("HEAD",)) -> list[str]:
        """The commits that lead to ``revisions`` and have one parent, oldest first."""
        arguments = ("rev-list", "--no-merges", "--min-parents=1", "--date-order", "--reverse", *revisions, "--")
        return _git(self.path, *arguments).decode().split()

    def root_packages(self) -> list[str]:
        """Import names that the newest commit defines at the top, or in ``src`` or ``lib``."""
        listed = _git(self.path, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode("utf-8", "replace").split("\0")
        found = {match[1] or match[2] for path in listed if (match := _PACKAGE.match(path))}
        return sorted(found - {"setup", "conftest", "tests", "test", "docs"})

    def changed_files(self, commits: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
        """The message and the modified Python files of each commit; commits that modify none are left out."""
        shown = self._diff_tree("--raw", "--format=%x01%H%n%B%x02", commits=commits)
        found = {}
        for part in re.split(rb"(?:^|\n)\x01(?=[0-9a-f]{40,64}\n)", shown)[1:]:
            head, _, listed = part.decode("utf-8", "replace").partition("\x02")
            commit, _, message = head.partition("\n")
            if paths := [line.split("\t", 1)[1] for line in listed.split("\n") if line.startswith(":")]:
                found[commit] = (message.strip(), paths)
        return found

    def diffs(self, commits: Sequence[str]) -> bytes:
        """Their messages and changes to Python files without context; ``diff.parse`` reads it."""
        prefixes = ("--src-prefix=a/", "--dst-prefix=b/")
        return self._diff_tree("-p", "-U0", "--no-color", *prefixes, "--format=%x01%H %ct%n%B%x02", commits=commits)

    def _diff_tree(self, *options: str, commits: Sequence[str]) -> bytes:
        listed = "".join(f"{commit}\n" for commit in commits).encode()
        return _git(self.path, "diff-tree", "--stdin", *_DIFF, *options, "--", "*.py", given=listed)

    def objects(self) -> Objects:
        return Objects(self.path)


class Objects:
    """Contents by name, from one ``git cat-file --batch`` that stays open.  A context manager."""

    def __init__(self, path: Path) -> None:
        command = _command(path, "cat-file", "--batch")
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment())

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def read(self, name: str) -> bytes:
        """The content of a blob: by its hash or as ``commit:path``.  Raises NotMinable if it is not there."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        if "\n" in name:
            raise NotMinable(f"{name!r} cannot be read from the repository: its name holds a line break")
        try:
            asked.write(f"{name}\n".encode())
            asked.flush()
            head = answers.readline()
        except BrokenPipeError:
            head = b""
        words = head.rsplit(None, 2)
        there = len(words) == 3 and words[2].isdigit()
        content = answers.read(int(words[2]) + 1) if there else b""
        if not there or words[1] != b"blob":
            raise NotMinable(f"{name} is missing from the repository, which is damaged or not a whole clone; clone it again")
        return content[:-1]


_PACKAGE = re.compile(r"(?:(?:src|lib)/)?(?:([A-Za-z_]\w*)/__init__|([A-Za-z_]\w*))\.py$")
_ORIGIN = re.compile(r"([^/:]+)/([^/]+?)(?:\.git)?/*$")


def _project(folder: Path, top: Path) -> str:
    try:
        address = _git(folder, "config", "--get", "remote.origin.url").decode().strip()
    except NotMinable:
        address = ""
    if found := _ORIGIN.search(address):
        return f"{found[1]}/{found[2]}"
    return top.name.removesuffix(".git")


def _command(path: Path, *arguments: str) -> list[str]:
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    return ["git", "-C", str(path), *settings, *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_CALM}


def _git(path: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What a git command prints; raises NotMinable with git's own sentence."""
    try:
        done = subprocess.run(_command(path, *arguments), input=given, capture_output=True, env=_environment(), check=False)
    except FileNotFoundError:
        raise NotMinable("git is not installed; mining histories needs it") from None
    if done.returncode:
        lines: Iterator[str] = iter(done.stderr.decode("utf-8", "replace").strip().splitlines())
        reason = next((line for line in lines if line.startswith(("fatal", "error"))), f"exit code {done.returncode}")
        raise NotMinable(f"{path}: git {arguments[0]} failed ({reason}); the clone may be damaged, clone it again")
    return done.stdout
