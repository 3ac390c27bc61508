"""Questions to git that make it run nothing and write nothing.

A repository's own configuration can name programs (a file system monitor, filters, hooks, transports).  Only plumbing is called
that reads objects and the index; files of the working tree are never given to git, so no filter runs; and what could still be
configured to run is overruled on the command line, which git puts first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .content import MOST_BYTES
from .errors import CannotScan

OVERRULED = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
    "core.attributesFile": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "false",
    "diff.ignoreSubmodules": "all",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}
KEPT = {"GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"}
"""Of git's environment variables: which index a hook is about, and where the user's own configuration is."""

PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Git:
    """The repository whose working tree has its top at ``top``."""

    program: str
    top: Path

    @classmethod
    def at(cls, folder: Path) -> Git:
        """The repository that ``folder`` lies in; raises CannotScan."""
        program = shutil.which("git")
        if program is None:
            raise CannotScan("git is not installed; --diff-base needs it")
        program = os.path.abspath(program)  # noqa: PTH100  # a link may be what decides which program it is
        asked = _run(program, folder, "rev-parse", "--show-toplevel")
        said = os.fsdecode(asked.stderr).strip()
        if "dubious ownership" in said:
            raise CannotScan(
                f"git does not trust the repository at {folder}, for it belongs to another user; "
                f"tell it to with `git config --global --add safe.directory {folder}`"
            )
        if asked.returncode:
            raise CannotScan(f"{folder} is in no git repository with a working tree, which --diff-base needs ({_first(said)})")
        return cls(program, Path(os.fsdecode(asked.stdout).rstrip("\n")))

    def has_head(self) -> bool:
        """Whether there is a commit yet."""
        return self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode == 0

    def has_staged(self) -> bool:
        """Whether the index differs from HEAD."""
        if not self.has_head():
            return True
        asked = self._ask("diff-index", "--cached", "--quiet", "--no-ext-diff", "HEAD", "--")
        if asked.returncode not in (0, 1):
            raise self._error("compare the index with HEAD", asked)
        return asked.returncode == 1

    def merge_base(self, revision: str) -> str:
        """The commit where ``revision`` and HEAD parted; raises CannotScan."""
        asked = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if asked.returncode:
            raise CannotScan(f"git knows no revision {revision!r} in {self.top}; in a shallow clone, fetch it first")
        commit = asked.stdout.decode().strip()
        asked = self._ask("merge-base", "HEAD", commit)
        if asked.returncode or not asked.stdout:
            raise CannotScan(
                f"HEAD and {revision!r} have no commit in common here; in a shallow clone, fetch more of the history"
            )
        return asked.stdout.decode().split()[0]

    def tree(self, commit: str) -> Iterator[tuple[str, str, str]]:
        """(kind, name of the contents, path) of everything in a commit; kinds are blob, link (symbolic) and commit."""
        asked = self._ask("ls-tree", "-r", "-z", "--full-tree", commit)
        if asked.returncode:
            raise self._error("list the files of the base", asked)
        for entry in asked.stdout.split(b"\0")[:-1]:
            about, _, path = entry.partition(b"\t")
            mode, kind, name = about.decode().split()
            yield "link" if mode == "120000" else kind, name, os.fsdecode(path)

    def renames(self, commit: str) -> dict[str, str]:
        """New path -> path in the commit, of files that were renamed, as far as the index knows of it."""
        asked = self._ask(
            "diff-index",
            "--cached",
            "-z",
            "-M",
            "--diff-filter=R",
            "--name-status",
            "--no-ext-diff",
            "--no-textconv",
            commit,
            "--",
        )
        if asked.returncode:
            return {}  # then they are new files
        parts = [os.fsdecode(part) for part in asked.stdout.split(b"\0")[:-1]]
        return {new: old for old, new in zip(parts[1::3], parts[2::3], strict=False)}

    def files(self) -> list[str]:
        """What git tracks, as paths from the top."""
        asked = self._ask("ls-files", "-z", "--cached")
        if asked.returncode:
            raise self._error("list the files that it tracks", asked)
        return [os.fsdecode(part) for part in asked.stdout.split(b"\0")[:-1]]

    def contents(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """(name, bytes) of those contents that are there and not too large to be read."""
        if not names:
            return
        unique = list(dict.fromkeys(names))
        sizes = self._ask("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", given=unique)
        rows = [line.split() for line in sizes.stdout.decode().splitlines()]
        wanted = [row[0] for row in rows if len(row) == 3 and row[1] == "blob" and int(row[2]) <= MOST_BYTES]
        asked = self._ask("cat-file", "--batch", given=wanted)
        if asked.returncode:
            raise self._error("read earlier versions", asked)
        at = 0
        for name in wanted:
            head = asked.stdout.index(b"\n", at)
            size = int(asked.stdout[at:head].split()[2])
            yield name, asked.stdout[head + 1 : head + 1 + size]
            at = head + 1 + size + 1

    def _ask(self, *arguments: str, given: Sequence[str] = ()) -> subprocess.CompletedProcess[bytes]:
        return _run(self.program, self.top, *arguments, given="".join(f"{line}\n" for line in given).encode())

    def _error(self, what: str, asked: subprocess.CompletedProcess[bytes]) -> CannotScan:
        return CannotScan(f"git cannot {what} in {self.top}: {_first(os.fsdecode(asked.stderr))}")


def _run(program: str, folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    overruled = [part for key, value in OVERRULED.items() for part in ("-c", f"{key}={value}")]
    command = [program, "--no-pager", "--no-optional-locks", "--literal-pathspecs", *overruled, *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in KEPT}
    quiet = {
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "LC_ALL": "C",
    }
    try:
        return subprocess.run(
            command, cwd=folder, env={**kept, **quiet}, input=given, capture_output=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise CannotScan(f"git did not answer within {PATIENCE_S} seconds in {folder} (git {arguments[0]})") from None
    except OSError as error:
        raise CannotScan(f"git cannot be run in {folder}: {error.strerror or error}") from None


def _first(said: str) -> str:
    return said.splitlines()[0].removeprefix("fatal: ") if said.strip() else "it gives no reason"
