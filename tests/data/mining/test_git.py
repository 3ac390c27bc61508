"""What is no repository, and what a repository has to tell about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.data.mining.diff import parse
from buglab.data.mining.git import NotMinable, Repository

from .conftest import CLAMP, History


def test_a_missing_folder_a_plain_one_and_one_inside_a_clone_are_refused(tmp_path: Path, history: History) -> None:
    with pytest.raises(NotMinable, match="there is no such folder"):
        Repository.open(tmp_path / "nothing")
    with pytest.raises(NotMinable, match="no git repository"):
        Repository.open(tmp_path)
    history.commit("begin", {"inner/a.py": CLAMP})
    with pytest.raises(NotMinable, match="inside the git repository"):
        Repository.open(history.path / "inner")


def test_a_repository_without_a_commit_is_refused(history: History) -> None:
    with pytest.raises(NotMinable, match="has no commit"):
        Repository.open(history.path)


def test_a_partial_clone_is_refused_for_git_would_ask_the_server(history: History) -> None:
    history.commit("begin", {"a.py": CLAMP})
    history.git("config", "remote.origin.promisor", "true")
    with pytest.raises(NotMinable, match="partial clone"):
        Repository.open(history.path)


def test_a_shallow_clone_says_so(history: History, tmp_path: Path) -> None:
    history.commit("begin", {"a.py": CLAMP})
    history.commit("more", {"b.py": CLAMP})
    history.git("clone", "--quiet", "--bare", "--depth=1", f"file://{history.path}", str(tmp_path / "shallow.git"))
    assert not Repository.open(history.path).shallow
    assert Repository.open(tmp_path / "shallow.git").shallow


@pytest.mark.parametrize(
    "origin",
    ["https://github.com/someone/sorter.git", "git@github.com:someone/sorter", "https://example.org/x/someone/sorter/"],
)
def test_the_project_is_named_by_its_origin(tmp_path: Path, origin: str) -> None:
    history = History(tmp_path / "clone", origin)
    history.commit("begin", {"a.py": CLAMP})
    assert Repository.open(history.path).project == "someone/sorter"


def test_without_an_origin_the_folder_names_the_project(tmp_path: Path) -> None:
    history = History(tmp_path / "alone", "")
    history.commit("begin", {"a.py": CLAMP})
    assert Repository.open(history.path).project == "alone"


def test_merges_and_the_first_commit_are_no_fixes(history: History) -> None:
    history.commit("begin", {"a.py": CLAMP})
    history.git("checkout", "--quiet", "-b", "side")
    side = history.commit("side", {"b.py": CLAMP})
    history.git("checkout", "--quiet", "main")
    main = history.commit("main", {"c.py": CLAMP})
    history.git("merge", "--quiet", "--no-edit", "side")
    assert Repository.open(history.path).commits() == [side, main]


def test_packages_are_those_at_the_top(history: History) -> None:
    files = {
        "sorter/__init__.py": "",
        "src/other/__init__.py": "",
        "single.py": "",
        "sorter/deep/__init__.py": "",
        "setup.py": "",
    }
    history.commit("begin", files)
    assert Repository.open(history.path).root_packages() == ["other", "single", "sorter"]


def test_hunks_have_the_rows_and_lines_of_both_sides(history: History) -> None:
    history.commit("begin", {"a b.py": CLAMP, "ü.py": "x = 1\n"})
    found = history.commit("Fix it\n\nAnd \x01 more.", {"a b.py": CLAMP.replace("<", "<=") + "# end", "ü.py": "x = 2\n"})
    repository = Repository.open(history.path)
    (commit,) = parse(repository.diffs([found]))
    assert (commit.name, commit.subject, commit.message) == (found, "Fix it", "Fix it\n\nAnd \x01 more.")
    assert [file.path for file in commit.files] == ["a b.py", "ü.py"]
    first, second = commit.files[0].hunks
    assert (first.old_row, first.old_count, first.new_row, first.new_count) == (2, 1, 2, 1)
    assert first.sides() == ("    if value < low:", "    if value <= low:")
    assert (second.old_count, second.new_count) == (0, 1)
    assert first.touches(1, 4)
    assert not first.touches(3, 4)


def test_contents_are_read_by_name_and_a_missing_one_is_a_sentence(history: History) -> None:
    found = history.commit("begin", {"a.py": CLAMP})
    with Repository.open(history.path).objects() as objects:
        assert objects.read(f"{found}:a.py").decode() == CLAMP
        with pytest.raises(NotMinable, match="is missing"):
            objects.read(f"{found}:b.py")
        assert objects.read(f"{found}:a.py").decode() == CLAMP
