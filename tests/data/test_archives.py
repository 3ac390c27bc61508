"""Source distributions: read as archives, guarded by name, metadata, path."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from buglab.data.archives import archive
from buglab.data.code_file import DamagedArchive, UnreadableFile
from buglab.data.filters import HELD_OUT, TESTS
from buglab.data.heldout import Guard, HeldOut
from buglab.data.sources import Source

SETUP = "raise SystemExit('setup.py was run')\n"
FILES = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: mine\nVersion: 1.0\nHome-page: https://example.org/mine\n",
    "LICENSE": "Permission is hereby granted, free of charge, to any person",
    "setup.py": SETUP,
    "src/mine/__init__.py": "",
    "src/mine/core.py": "def f(a, b):\n    return a + b\n",
    "tests/test_core.py": "x = 1\n",
    "bundled/other/setup.cfg": "[metadata]\nname = requests\n",
    "bundled/other/api.py": "x = 1\n",
}


def sdist(folder: Path, files: dict[str, str], kind: str = "tar.gz") -> Path:
    path = folder / f"mine-1.0.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as made:
            for name, text in files.items():
                made.writestr(f"mine-1.0/{name}", text)
        return path
    with tarfile.open(path, f"w:{kind.partition('.')[2]}") as made:
        for name, text in files.items():
            member = tarfile.TarInfo(f"mine-1.0/{name}")
            member.size = len(text.encode())
            made.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("mine-1.0/src/mine/link.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    return path


@pytest.mark.parametrize("kind", ["tar.gz", "tar.bz2", "zip"])
def test_a_source_distribution_is_read_and_guarded(tmp_path: Path, guard: Guard, kind: str) -> None:
    listing = archive(sdist(tmp_path, FILES, kind), guard, "ab" * 32)
    project = listing.project
    assert (project.name, project.version, project.licence) == ("mine", "1.0", "MIT")
    assert project.origin == "sha256:" + "ab" * 32
    source = Source.of(listing, guard, tests=False, limit=1000)
    assert [file.path for file in source.files] == ["setup.py", "src/mine/__init__.py", "src/mine/core.py"]
    assert source.dropped == {HELD_OUT: 1, TESTS: 1}
    assert [file.read().decode() for file in source.files] == [SETUP, "", FILES["src/mine/core.py"]]
    assert len({file.stamp for file in source.files}) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"PKG-INFO": "Name: requests\nVersion: 1\n"},
        {"PKG-INFO": "Name: fork\nVersion: 1\nProject-URL: Source, https://github.com/psf/requests\n"},
        {"pyproject.toml": '[project]\nname = "requests"\n'},
    ],
)
def test_held_out_source_distributions_are_refused(tmp_path: Path, guard: Guard, change: dict[str, str]) -> None:
    with pytest.raises(HeldOut, match=r"mine-1\.0\.tar\.gz"):
        archive(sdist(tmp_path, FILES | change), guard)


def test_damaged_archives_are_said(tmp_path: Path, guard: Guard) -> None:
    path = sdist(tmp_path, FILES | {"src/mine/long.py": "".join(f"x{i * 7919 % 10007} = {i}\n" for i in range(3000))})
    whole = path.read_bytes()
    for number, damaged in enumerate((b"", b"text", whole[:30], whole[: len(whole) // 2], whole[: len(whole) * 3 // 4])):
        copy = tmp_path / f"{number}.tar.gz"
        copy.write_bytes(damaged)
        with pytest.raises(DamagedArchive, match=r"\d\.tar\.gz: damaged archive .*fetch it again"):
            archive(copy, guard)
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK\3\4 no archive")
    with pytest.raises(DamagedArchive, match="damaged archive"):
        archive(wheel, guard)


def test_a_member_that_is_damaged_is_an_unreadable_file(tmp_path: Path, guard: Guard) -> None:
    path = sdist(tmp_path, FILES, "zip")
    core = next(file for file in archive(path, guard).files if file.path.endswith("core.py"))
    copy = tmp_path / "copy.zip"
    copy.write_bytes(path.read_bytes().replace(b"return a + b", b"return a - b"))
    changed = next(file for file in archive(copy, guard).files if file.path == core.path)
    with pytest.raises(UnreadableFile, match=r"core\.py cannot be read: .*damaged archive"):
        changed.read()


def test_other_archives_are_refused(tmp_path: Path, guard: Guard) -> None:
    with pytest.raises(ValueError, match="neither a wheel nor a source distribution"):
        archive(sdist(tmp_path, {"a.py": "x = 1\n"}), guard)
    with pytest.raises(FileNotFoundError, match="no such file"):
        archive(tmp_path / "nothing.whl", guard)
