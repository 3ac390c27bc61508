"""What changed since a revision, as git sees it, without git running anything for the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from buglab.scan.assessment import Assessment, Unit
from buglab.scan.changes import of_commit, since
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.errors import CannotScan
from buglab.scan.files import find_files
from buglab.scan.judge import Version, touched_units

from .repository import Repository

PICK = """\
def pick(items, index, default):
    if index < len(items) and items:
        return items[index]
    return default


"""
BOX = """\
class Box:
    def put(self, left, right):
        return merge(left, right + 1)

    def take(self, left, right):
        return merge(left, right - 1)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository.make(tmp_path / "repository")
    found.write("mod.py", PICK + BOX)
    found.write("pkg/other.py", PICK)
    found.commit()
    return found


def changed(repository: Repository, revision: str = "HEAD") -> dict[str, bytes | None]:
    settings = Settings(root=repository.folder)
    return {file.key: file.earlier for file in since(find_files([repository.folder], settings), revision)}


def functions(repository: Repository, model: Path, revision: str = "HEAD") -> list[tuple[str, str]]:
    settings = Settings(root=repository.folder, model=model, min_confidence=0.0)
    files = since(find_files([repository.folder], settings), revision)
    reports = Engine.prepare(settings).scan(files)
    return [(file.key, one.function) for file, report in zip(files, reports, strict=True) for one in report.findings]


def test_changed_staged_untracked_and_committed_files_count(repository: Repository) -> None:
    assert changed(repository) == {}
    (repository.folder / "mod.py").touch()
    repository.write("new.py", "x = 1\n")
    repository.write("mod.py", PICK)
    assert changed(repository) == {"mod.py": (PICK + BOX).encode(), "new.py": b""}
    repository.git("add", "-A")
    assert set(changed(repository)) == {"mod.py", "new.py"}
    repository.commit()
    assert changed(repository) == {}
    assert set(changed(repository, "HEAD~1")) == {"mod.py", "new.py"}


def test_the_merge_base_counts_not_the_tip(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    repository.write("pkg/other.py", BOX)
    repository.commit()
    repository.git("checkout", "-q", "trunk")
    repository.write("mod.py", BOX)
    repository.commit()
    repository.git("checkout", "-q", "topic")
    assert set(changed(repository, "trunk")) == {"pkg/other.py"}


def test_renamed_files_are_compared_with_what_they_were(repository: Repository) -> None:
    repository.git("mv", "mod.py", "moved.py")
    repository.write("moved.py", PICK + BOX + "\n\nlater = 1\n")
    assert changed(repository) == {"moved.py": (PICK + BOX).encode()}


def test_links_and_other_repositories_inside_are_left_out(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / "link.py").symlink_to("mod.py")
    repository.commit()
    inner = Repository.make(repository.folder / "inner")
    inner.write("a.py", PICK)
    inner.commit()
    submodule = Repository.make(tmp_path / "elsewhere")
    submodule.write("b.py", PICK)
    submodule.commit()
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(submodule.folder), "sub")
    assert (repository.folder / "sub" / "b.py").exists()
    assert changed(repository) == {}


def test_only_touched_functions_are_reported_and_only_what_they_had_not(repository: Repository, model: Path) -> None:
    both = PICK + BOX
    repository.write("mod.py", "import os\n\n\n" + both.replace("right - 1", "right - 1 + left"))
    assert functions(repository, model) == [("mod.py", "Box.take")]
    repository.write("mod.py", both.replace("return default", "return default  # as it was"))
    assert functions(repository, model) == [], "the function was touched, but had the same finding"
    repository.write("mod.py", both.replace("\n", "\r\n"))
    assert functions(repository, model) == [], "line ends are no change"
    repository.write("mod.py", BOX + "\n\n" + PICK)
    assert functions(repository, model) == [], "functions that only moved"
    repository.write("mod.py", both)
    repository.write("fresh.py", BOX)
    assert functions(repository, model) == [("fresh.py", "Box.put"), ("fresh.py", "Box.take")]


def test_what_did_not_parse_before_is_new(repository: Repository, model: Path) -> None:
    repository.write("broken.py", "def (\n")
    repository.commit()
    repository.write("broken.py", PICK)
    assert functions(repository, model) == [("broken.py", "pick")]


def test_own_texts_leave_out_what_is_inside() -> None:
    text = "def f():\n    def g():\n        return 1\n    return g\n"
    units = (Unit("<module>", 0, len(text), ()), Unit("f", 0, len(text) - 1, ()), Unit("f.<locals>.g", 13, 38, ()))

    def touched(new: str) -> set[int]:
        return touched_units(Version(new.encode(), Assessment(units)), Version(text.encode(), Assessment(units)))

    assert touched(text) == set()
    assert touched(text.replace("1", "2")) == {2}
    assert touched(text.replace("return g", "return f")) == {1}


def test_the_commit_being_made(repository: Repository) -> None:
    files = find_files([repository.folder], Settings(root=repository.folder))
    assert of_commit(files, "") == files, "nothing is staged: no commit is being made"
    repository.write("mod.py", PICK)
    repository.git("add", "mod.py")
    assert [file.key for file in of_commit(files, "")] == ["mod.py"]
    repository.commit()
    assert [file.key for file in of_commit(files, "HEAD~1")] == ["mod.py"]


def test_a_repository_without_commits_is_all_new(tmp_path: Path) -> None:
    fresh = Repository.make(tmp_path / "fresh")
    fresh.write("a.py", PICK)
    assert changed(fresh) == {"a.py": b""}


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [("absent", "git knows no revision 'absent'"), ("--all", "git knows no revision '--all'"), ("", "knows no revision")],
)
def test_unknown_revisions_are_told(repository: Repository, revision: str, sentence: str) -> None:
    with pytest.raises(CannotScan, match=sentence):
        changed(repository, revision)


def test_what_git_needs_is_told(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.py").touch()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(CannotScan, match="is in no git repository with a working tree"):
        changed(Repository(tmp_path / "plain"))
    repository.git("checkout", "-q", "--orphan", "apart")
    repository.write("apart.py", PICK)
    repository.commit()
    with pytest.raises(CannotScan, match="have no commit in common here"):
        changed(repository, "trunk")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        shutil.chown(repository.folder / ".git", 65534)
        shutil.chown(repository.folder, 65534)
        with pytest.raises(CannotScan, match="belongs to another user; tell it to with `git config --global --add safe"):
            changed(repository)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotScan, match="git is not installed"):
        changed(repository)


def test_nothing_that_the_repository_configures_is_run(
    repository: Repository, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything in a repository's configuration that names a program names one that leaves a trace."""
    trace = tmp_path / "trace"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {trace}\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass", "diff.external",
        "core.alternateRefsCommand", "pager.diff", "pager.ls-tree", "diff.trap.textconv", "diff.trap.command",
        "filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "merge.trap.driver", "alias.rev-parse",
        "alias.ls-tree", "credential.helper", "gpg.program", "uploadpack.packObjectsHook", "interactive.diffFilter",
    ):  # fmt: skip
        repository.git("config", key, f"!{program}" if key.startswith("alias") else str(program))
    repository.git("config", "filter.trap.required", "true")
    (repository.folder / ".git" / "info" / "attributes").write_text("*.py diff=trap filter=trap merge=trap\n")
    for name in ("post-index-change", "pre-commit", "fsmonitor-watchman", "reference-transaction", "post-checkout"):
        hook = repository.folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        shutil.copy(program, hook)
    subprocess.run(["git", "-C", repository.folder, "status"], capture_output=True, check=False)
    assert trace.exists(), "the trap is one"
    trace.unlink()
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(program))
    repository.write("mod.py", BOX)
    repository.write("renamed.py", PICK)
    (repository.folder / "pkg" / "other.py").unlink()
    before = (repository.folder / ".git" / "index").read_bytes()
    assert functions(repository, model) == [("renamed.py", "pick")]
    files = find_files([repository.folder], Settings(root=repository.folder))
    assert len(of_commit(files, "")) == 2
    assert not trace.exists(), trace.read_text()
    assert (repository.folder / ".git" / "index").read_bytes() == before
