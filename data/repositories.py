"""Git repositories as sources: one commit, read through git's plumbing, without a checkout; nothing is fetched or run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from .code_file import Blobs, CodeFile, git, git_environment
from .header import Project
from .heldout import Guard, HeldOut
from .licences import LICENCE_FILE
from .provenance import METADATA_FILES, Listing, held_out_folders, stated, without

_FILE_MODES = {"100644", "100755"}
_STAMP_DIGITS = 15


def repository(address: str, guard: Guard) -> Listing:
    """The files of a commit; ``address`` is ``PATH`` (its HEAD) or ``PATH@REVISION``, bare or not.

    Raises HeldOut for a held-out project, by its remotes or its metadata, FileNotFoundError, ValueError for a revision that is
    not there.
    """
    path, revision = _split(address)
    commit = _ask(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    if not commit:
        raise ValueError(f"{path}: no commit {revision!r} in this repository")
    remotes = re.findall(r"^\S+ (.+)$", _ask(path, "config", "--get-regexp", r"^remote\..*\.url$"), re.MULTILINE)
    for remote in filter(guard.holds_repository, remotes):
        known = _without_credentials(remote)
        raise HeldOut(f"{path} is a clone of {known}, which is held out to judge BugLab; take it off `repositories`")
    origin = _without_credentials(remotes[0]) if remotes else ""
    folder = path.name.removesuffix(".git") or path.parent.name
    name = PurePosixPath(origin).name.removesuffix(".git") or folder  # whatever the clone's folder is called
    files, texts, licences = [], {}, {}
    blobs = Blobs(path)
    for entry in _ask(path, "ls-tree", "-r", "-z", "--long", commit).split("\0")[:-1]:
        about, _, member = entry.partition("\t")
        mode, _, blob, size = about.split()
        if mode not in _FILE_MODES:  # links, submodules
            continue
        if member.endswith(".py"):
            files.append(CodeFile(path, blob, member, int(size), int(blob[:_STAMP_DIGITS], 16)))
        if PurePosixPath(member).name in METADATA_FILES:
            texts[member] = blobs.read(blob).decode("utf-8", "replace")
        elif LICENCE_FILE.fullmatch(member):
            licences[member] = blobs.read(blob).decode("utf-8", "replace")
    blobs.close()
    foreign = held_out_folders(texts.items(), guard)
    if "." in foreign:
        raise HeldOut(f"{path} is held out to judge BugLab, by its metadata; take it off `repositories`")
    version, licence = stated({member: text for member, text in texts.items() if "/" not in member}, licences)
    kept, held_out = without(files, foreign)
    return Listing(Project(name, version or commit[:12], licence, f"{origin or name}@{commit}"), kept, held_out, folder)


def _split(address: str) -> tuple[Path, str]:
    """Path and revision; a path that holds an ``@`` itself is recognised by being there."""
    whole = Path(address).expanduser()
    if whole.is_dir():
        return whole.resolve(), "HEAD"
    path, _, revision = address.rpartition("@")
    if not path or not Path(path).expanduser().is_dir():
        raise FileNotFoundError(f"{address}: no such folder; `repositories` lists local clones as PATH or PATH@REVISION")
    return Path(path).expanduser().resolve(), revision


def _ask(repository: Path, *arguments: str) -> str:
    """What a git command prints; nothing if it fails, but a sentence if git is not there or this is no repository."""
    try:
        done = subprocess.run(git(repository, *arguments), capture_output=True, env=git_environment(), check=False)
    except FileNotFoundError:
        raise FileNotFoundError("`git` is not installed; `repositories` needs it") from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == 128 and "not a git repository" in said:
        raise ValueError(f"{repository}: not a git repository")
    return done.stdout.decode("utf-8", "surrogateescape") if not done.returncode else ""


def _without_credentials(address: str) -> str:
    """The address of a remote without a name and a password that may stand in it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "://" in address else address
