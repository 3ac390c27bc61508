"""Which files are scanned: compared with git itself where git decides."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from buglab.scan.config import Settings
from buglab.scan.errors import CannotScan
from buglab.scan.files import find_files, named_file


def tree(top: Path, *names: str) -> Path:
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n", encoding="utf-8")
    return top


def found(top: Path, *paths: Path, **settings: object) -> list[str]:
    files = find_files(paths or [top], Settings(root=top, **settings))  # type: ignore[arg-type]
    return [file.path.relative_to(top).as_posix() for file in files]


def test_python_files_below_a_folder_in_order(tmp_path: Path) -> None:
    tree(
        tmp_path, "b.py", "a/z.pyi", "a.py", "a/b/c.pyw", "a/readme.md", "a.pyc", "venv/x.py", ".git/y.py", "node_modules/z.py"
    )
    assert found(tmp_path) == ["a/b/c.pyw", "a/z.pyi", "a.py", "b.py"]


def test_what_is_named_is_scanned_whatever_it_is_called(tmp_path: Path) -> None:
    tree(tmp_path, "venv/x.py", "script", "build/y.py", "build/gen_pb2.py")
    (tmp_path / ".gitignore").write_text("build/\n*_pb2.py\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    assert found(tmp_path) == []
    assert found(tmp_path, tmp_path / "script", tmp_path / "venv") == ["script", "venv/x.py"]
    assert found(tmp_path, tmp_path / "build") == ["build/y.py"]
    assert found(tmp_path, tmp_path / "build" / "gen_pb2.py") == ["build/gen_pb2.py"]


def test_excludes(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "docs/conf.py", "docs/deep/conf.py", "vendor/x.py", "venv/y.py", "pkg/vendor/z.py")
    assert found(tmp_path, extend_exclude=("vendor", "/docs/conf.py")) == ["a.py", "docs/deep/conf.py"]
    assert found(tmp_path, exclude=("docs/**", "!docs/conf.py")) == [
        "a.py",
        "docs/conf.py",
        "pkg/vendor/z.py",
        "vendor/x.py",
        "venv/y.py",
    ]


def test_ignore_files_mean_what_git_says(tmp_path: Path) -> None:
    tree(
        tmp_path, "keep.py", "gen.py", "build/a.py", "sub/build/b.py", "sub/gen.py", "sub/keep.py", "sub/deep/gen.py",
        "sub/deep/x.py", "all/a.py", "all/kept.py",
        "out/a.py", "out/kept.py", "logs/l.py", "excluded.py", "sp ace/é.py", "[x].py",
    )  # fmt: skip
    (tmp_path / ".gitignore").write_text(
        "gen.py\n/build/\nout/*\n!out/kept.py\nall/**\n!all/kept.py\n# note\n\nlogs\n\\[x].py\n", encoding="utf-8"
    )
    (tmp_path / "sub" / ".gitignore").write_text("!gen.py\ndeep/x.py\n", encoding="utf-8")
    git = ["git", "-C", str(tmp_path), "-c", "core.quotePath=false"]
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("excluded.py\n", encoding="utf-8")
    listed = subprocess.run([*git, "ls-files", "-z", "--others", "--exclude-standard"], check=True, capture_output=True).stdout
    expected = sorted(name for name in os.fsdecode(listed).split("\0") if name.endswith(".py"))
    assert sorted(found(tmp_path)) == expected
    assert sorted(found(tmp_path, tmp_path / "sub")) == [name for name in expected if name.startswith("sub/")]
    assert len(found(tmp_path, respect_gitignore=False)) == 16


def test_malformed_patterns_match_nothing_in_ignore_files_and_are_refused_in_settings(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "b.py", "c.py")
    (tmp_path / ".gitignore").write_bytes(b"!\n[z-a]\na\\\n[[:bogus:]x\n\xff\nb.py\n")
    assert found(tmp_path) == ["a.py", "c.py"]
    with pytest.raises(CannotScan, match=r"'!' is no pattern as in .gitignore"):
        found(tmp_path, extend_exclude=("a.py", "!"))


def test_links_are_followed_once_and_never_in_circles(tmp_path: Path) -> None:
    tree(tmp_path, "pkg/a.py", "outside/b.py")
    (tmp_path / "pkg" / "again.py").symlink_to("a.py")
    (tmp_path / "pkg" / "other.py").symlink_to(tmp_path / "outside" / "b.py")
    (tmp_path / "pkg" / "circle").symlink_to(tmp_path / "pkg")
    (tmp_path / "pkg" / ".#lock.py").symlink_to("nobody@nowhere.1")
    os.mkfifo(tmp_path / "pkg" / "pipe.py")
    assert found(tmp_path, tmp_path / "pkg") == ["pkg/a.py", "pkg/other.py"]


def test_names_in_reports_and_fingerprints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "project/pkg/a.py", "elsewhere/b.py")
    monkeypatch.chdir(tmp_path / "project" / "pkg")
    settings = Settings(root=tmp_path / "project")
    first, second = find_files([Path("../../elsewhere/b.py"), Path("a.py")], settings)
    assert (first.shown, second.shown, second.key) == ((tmp_path / "elsewhere" / "b.py").as_posix(), "a.py", "pkg/a.py")
    assert named_file(Path("a.py"), settings, b"x").key == "pkg/a.py"


def test_missing_paths_are_named(tmp_path: Path) -> None:
    with pytest.raises(CannotScan, match=r"^no such file or folder: .*absent.py$"):
        found(tmp_path, tmp_path, tmp_path / "absent.py")
    with pytest.raises(CannotScan, match=r"^no such files or folders: .*a, .*b$"):
        found(tmp_path, tmp_path / "a", tmp_path / "b")
