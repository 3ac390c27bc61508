"""Planted copies of held-out projects do not get in, however they came."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from buglab.data.archives import archive
from buglab.data.config import CorpusConfig
from buglab.data.filters import HELD_OUT, LARGE, TESTS, VENDORED
from buglab.data.heldout import Guard, HeldOut
from buglab.data.sources import Source, folder, stdlib

from .conftest import STDLIB


def wheel(path: Path, config: CorpusConfig, guard: Guard) -> Source:
    return Source.of(archive(path, guard), guard, config.package_tests, config.file_limit)


CODE = "def f(a, b):\n    return a + b\n"


def plant(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(CODE)
    return root


def make_wheel(root: Path, name: str, metadata: str, *members: str) -> Path:
    path = root / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, CODE)
        archive.writestr(f"{name}-1.0.dist-info/METADATA", metadata)
    return path


def paths(root: Path, guard: Guard, **settings: object) -> tuple[list[str], dict[str, int]]:
    found = folder(root, CorpusConfig(**settings), guard)  # type: ignore[arg-type]
    return [file.path for file in found.files], dict(found.dropped)


def test_folders_below_held_out_names_are_dropped_and_counted(tmp_path: Path, guard: Guard) -> None:
    plant(tmp_path / "mine", "a.py", "b/c.py", "_vendor/requests/api.py", "deep/down/zc/buildout/x.py", "lib/peewee.py")
    assert paths(tmp_path / "mine", guard) == (["a.py", "b/c.py"], {HELD_OUT: 3})


def test_a_folder_that_is_a_held_out_project_gives_nothing(tmp_path: Path, guard: Guard) -> None:
    plant(tmp_path / "requests", "api.py", "deep/models.py")
    assert paths(tmp_path / "requests", guard) == ([], {HELD_OUT: 2})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project]\nname = "Requests"\n'),
        ("pyproject.toml", '[tool.poetry]\nname = "zc-buildout"\n'),
        ("PKG-INFO", "Metadata-Version: 2.1\nName: requests\n"),
        ("setup.cfg", "[metadata]\nname = requests\n"),
        ("setup.py", "from setuptools import setup\nsetup(version='1',\n      name='requests')\n"),
        (".git/config", '[remote "origin"]\n\turl = git@github.com:psf/requests.git\n'),
    ],
)
def test_renamed_folders_are_recognised_by_their_metadata(tmp_path: Path, guard: Guard, name: str, text: str) -> None:
    plant(tmp_path / "mine", "a.py", "bundle/renamed/src/other/api.py")
    marker = tmp_path / "mine" / "bundle" / "renamed" / name
    marker.parent.mkdir(exist_ok=True)
    marker.write_text(text)
    assert paths(tmp_path / "mine", guard)[0] == ["a.py"]


def test_broken_metadata_is_no_obstacle(tmp_path: Path, guard: Guard) -> None:
    plant(tmp_path / "mine", "a.py")
    (tmp_path / "mine" / "pyproject.toml").write_bytes(b"[project\xff")
    assert paths(tmp_path / "mine", guard)[0] == ["a.py"]


def test_other_reasons_are_counted_too(tmp_path: Path, guard: Guard) -> None:
    plant(tmp_path / "mine", "a.py", "tests/test_a.py", "_vendor/six.py", ".hidden/x.py", "__pycache__/x.py", "big.py")
    (tmp_path / "mine" / "big.py").write_text(CODE * 1000)
    assert paths(tmp_path / "mine", guard, file_limit=1000) == (["a.py"], {TESTS: 1, VENDORED: 1, LARGE: 1})
    assert paths(tmp_path / "mine", guard, package_tests=True)[0] == ["a.py", "big.py", "tests/test_a.py"]


def test_links_to_folders_are_not_followed(tmp_path: Path, guard: Guard) -> None:
    plant(tmp_path / "mine", "a.py")
    (tmp_path / "mine" / "loop").symlink_to(tmp_path / "mine")
    assert paths(tmp_path / "mine", guard)[0] == ["a.py"]


def test_a_missing_folder_is_said(tmp_path: Path, guard: Guard) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        folder(tmp_path / "nowhere", CorpusConfig(), guard)


def test_wheels_carry_provenance_and_lose_held_out_parts(tmp_path: Path, guard: Guard) -> None:
    metadata = "Metadata-Version: 2.4\nName: Mine\nVersion: 1.0\nLicense-Expression: MIT\n\nName: requests\n"
    path = make_wheel(
        tmp_path, "mine", metadata, "mine/a.py", "mine/_vendor/urllib3/b.py", "mine/_vendor/c.py", "setuptools/d.py"
    )
    found = wheel(path, CorpusConfig(), guard)
    assert (found.project.name, found.project.version, found.project.licence) == ("Mine", "1.0", "MIT")
    assert [file.path for file in found.files] == ["mine/a.py"]
    assert found.files[0].read().decode() == CODE
    assert found.dropped == {HELD_OUT: 2, VENDORED: 1}


@pytest.mark.parametrize(
    ("header", "licence"),
    [
        ("Classifier: License :: OSI Approved :: BSD License\n", "BSD"),
        ("License: Apache 2.0\n and more\n", "Apache-2.0"),
        ("", "unknown"),
    ],
)
def test_licences_are_found_where_projects_put_them(tmp_path: Path, guard: Guard, header: str, licence: str) -> None:
    path = make_wheel(tmp_path, "mine", f"Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n{header}\n", "mine/a.py")
    assert wheel(path, CorpusConfig(), guard).project.licence == licence


@pytest.mark.parametrize(
    "metadata",
    [
        "Name: requests\nVersion: 1\n",
        "Name: fork\nVersion: 1\nHome-page: https://github.com/psf/requests\n",
        "Name: fork\nVersion: 1\nProject-URL: Source, https://github.com/psf/requests\n",
    ],
)
def test_renamed_distributions_are_refused(tmp_path: Path, guard: Guard, metadata: str) -> None:
    with pytest.raises(HeldOut, match="held out"):
        wheel(make_wheel(tmp_path, "innocent", metadata, "innocent/a.py"), CorpusConfig(), guard)


def test_the_standard_library_comes_without_installed_packages(guard: Guard) -> None:
    source = stdlib(CorpusConfig(stdlib_tests=False), guard)
    found = {file.path for file in source.files}
    assert {"argparse.py", "asyncio/queues.py", "lib2to3/pytree.py"} - found <= {"lib2to3/pytree.py"}
    assert not any("site-packages" in path or path.startswith("test/") for path in found)
    assert source.dropped[TESTS] > 100 or not (STDLIB / "test").is_dir()


def test_renamed_copies_are_recognised_by_their_content(tmp_path: Path, guard: Guard) -> None:
    """A module under another name, in another folder, reformatted and commented: known by its functions."""
    from buglab.data.fingerprints import fingerprints
    from buglab.data.functions import functions

    original = (STDLIB / "shlex.py").read_bytes()
    knowing = Guard.parse("", fingerprints(original))
    shutil.copy(STDLIB / "shlex.py", tmp_path / "renamed.py")
    text = (tmp_path / "renamed.py").read_text().replace("    def ", "    # new comment\n    def ")
    assert functions(text.encode(), 0, guard, 1024).graphs
    found = functions(text.encode(), 0, knowing, 1024)
    assert not found.graphs
    assert found.counts == {"dropped: held out": 1}
