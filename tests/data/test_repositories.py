"""Git repositories are read at a commit, bare or not, without a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from buglab.data.filters import HELD_OUT
from buglab.data.heldout import Guard, HeldOut
from buglab.data.repositories import repository
from buglab.data.sources import Source

SETTINGS = ("user.name=a", "user.email=a@example.org", "init.defaultBranch=main", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *(word for setting in SETTINGS for word in ("-c", setting)), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    files = {
        "pyproject.toml": '[project]\nname = "mine"\nversion = "2.0"\n',
        "COPYING": "Apache License\n Version 2.0, January 2004",
        "mine/core.py": "x = 'old'\n",
        "mine/with space é.py": "y = 1\n",
        "requests/api.py": "x = 1\n",
        "other/pyproject.toml": '[project]\nname = "urllib3"\n',
        "other/pool.py": "x = 1\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "mine" / "link.py").symlink_to("core.py")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "tag", "old")
    git(folder, "remote", "add", "origin", "https://user:secret@example.org/a/mine.git")
    (folder / "mine" / "core.py").write_text("x = 'new'\n")
    git(folder, "commit", "-q", "-a", "-m", "second")
    (folder / "mine" / "core.py").write_text("x = 'not committed'\n")
    return folder


def read(address: str, guard: Guard) -> tuple[Source, dict[str, str]]:
    source = Source.of(repository(address, guard), guard, tests=False, limit=1000)
    return source, {file.path: file.read().decode() for file in source.files}


def test_a_commit_is_read_without_a_checkout(clone: Path, guard: Guard) -> None:
    source, texts = read(str(clone), guard)
    assert texts == {"mine/core.py": "x = 'new'\n", "mine/with space é.py": "y = 1\n"}
    assert source.dropped == {HELD_OUT: 2}
    project = source.project
    assert (project.name, project.version, project.licence) == ("mine", "2.0", "Apache-2.0")
    assert project.origin == f"https://example.org/a/mine.git@{git(clone, 'rev-parse', 'HEAD')}"


def test_revisions_and_bare_repositories(clone: Path, tmp_path: Path, guard: Guard) -> None:
    assert read(f"{clone}@old", guard)[1]["mine/core.py"] == "x = 'old'\n"
    git(tmp_path, "clone", "-q", "--bare", str(clone), "bare.git")
    source, texts = read(f"{tmp_path / 'bare.git'}@old", guard)
    assert texts["mine/core.py"] == "x = 'old'\n"
    assert source.project.name == "clone"


@pytest.mark.parametrize(
    ("address", "kind", "sentence"),
    [
        ("clone@nonsense", ValueError, "no commit 'nonsense'"),
        ("clone@--help", ValueError, "no commit '--help'"),
        ("nothing@main", FileNotFoundError, "no such folder"),
        ("plain", ValueError, "not a git repository"),
    ],
)
def test_what_is_not_there_is_said(clone: Path, guard: Guard, address: str, kind: type[Exception], sentence: str) -> None:
    (clone.parent / "plain").mkdir()
    with pytest.raises(kind, match=sentence):
        repository(str(clone.parent / address), guard)


def test_clones_of_held_out_projects_are_refused(clone: Path, guard: Guard) -> None:
    git(clone, "remote", "add", "upstream", "git@github.com:psf/requests.git")
    with pytest.raises(HeldOut, match="psf/requests"):
        repository(str(clone), guard)
    git(clone, "remote", "remove", "upstream")
    (clone / "pyproject.toml").write_text('[project]\nname = "Requests"\n')
    git(clone, "commit", "-q", "-a", "-m", "renamed")
    with pytest.raises(HeldOut, match="by its metadata"):
        repository(str(clone), guard)
    assert repository(f"{clone}@old", guard).files


def test_an_object_that_is_gone_is_an_unreadable_file(clone: Path, guard: Guard) -> None:
    from dataclasses import replace

    from buglab.data.code_file import UnreadableFile

    file = replace(repository(str(clone), guard).files[0], member="0" * 40)
    with pytest.raises(UnreadableFile, match="git has no object"):
        file.read()
