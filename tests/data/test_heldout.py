from __future__ import annotations

from pathlib import Path

import pytest

from buglab.data.fingerprint_list import FingerprintList
from buglab.data.heldout import FINGERPRINTS, Guard, normalised


@pytest.mark.parametrize("name", ["requests", "Requests", "zc.buildout", "zc-buildout", "ZC_Buildout", "discord.py", "ruamel"])
def test_distributions_are_compared_as_indexes_do(guard: Guard, name: str) -> None:
    assert guard.holds_distribution(name) == (name != "ruamel")


@pytest.mark.parametrize(
    "address",
    [
        "psf/requests",
        "https://github.com/psf/requests",
        "https://github.com/PSF/Requests.git",
        "git@github.com:psf/requests.git",
        "https://github.com/Rapptz/discord.py/issues",
    ],
)
def test_repositories_are_recognised_in_every_notation(guard: Guard, address: str) -> None:
    assert guard.holds_repository(address)


@pytest.mark.parametrize("address", ["", "requests", "https://example.org/psf/requests", "https://github.com/psf/cachecontrol"])
def test_other_addresses_are_not(guard: Guard, address: str) -> None:
    assert not guard.holds_repository(address)


@pytest.mark.parametrize(
    "path",
    [
        "requests/api.py",
        "pip/_vendor/requests/api.py",
        "acme/_vendor/urllib3/util/url.py",
        "src/zc/buildout/buildout.py",
        "eggs/zc.buildout-3.0.1-py3.11.egg/x.py",
        "old/requests-2.31.0/src/other/x.py",
        "vendor/peewee.py",
        "setuptools/_distutils/cmd.py",
        "_distutils_hack/__init__.py",
        "pkg_resources/__init__.py",
        "lib/PIL/Image.py",
        "thing/blib2to3/pytree.py",
    ],
)
def test_import_names_mark_a_copy_anywhere_in_a_path(guard: Guard, path: str) -> None:
    assert guard.holds_path(path)


@pytest.mark.parametrize(
    "path",
    ["lib2to3/pytree.py", "ensurepip/__init__.py", "zc/other.py", "buildout/zc.py", "requests_toolbelt/x.py", "", "app/x.py"],
)
def test_other_paths_are_free(guard: Guard, path: str) -> None:
    assert not guard.holds_path(path)


def test_every_line_of_the_list_is_enforced(guard: Guard) -> None:
    assert len(guard.repositories) == 88
    for name in guard.distributions:
        assert guard.holds_distribution(name)
    for name in guard.imports:
        assert guard.holds_path("some/_vendor/" + "/".join(name) + "/module.py")
        assert guard.holds_path(".".join(name) + "/module.py")


def test_a_line_that_says_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="psf/requests"):
        Guard.parse("psf/requests requests\n")


def test_files_of_known_functions_are_copies() -> None:
    guard = Guard.parse("", fingerprints=[1, 2])
    known, new, short = ("function", 50, 1), ("function", 50, 3), ("function", 5, 2)
    assert guard.knows([known, ("function", 40, 2), new, ("module", 90, 7)]) == [True] * 4
    assert guard.knows([known, new, new]) == [True, False, False]
    assert guard.knows([short, new]) == [False, False]


def test_normalised() -> None:
    assert normalised(" Zc._Buildout ") == "zc-buildout"


def test_the_fingerprints_in_the_package_are_loaded(guard: Guard) -> None:
    assert len(guard.fingerprints) > 200_000
    assert (Path(__file__).parents[2] / "data" / FINGERPRINTS).stat().st_size < 1_600_000


def test_fingerprints_at_home_count_as_well(buglab_home: Path, guard: Guard) -> None:
    buglab_home.mkdir()
    assert 10 not in guard.fingerprints
    FingerprintList([10]).write(buglab_home / FINGERPRINTS)
    assert Guard.load().fingerprints == guard.fingerprints | FingerprintList([10])
    (buglab_home / FINGERPRINTS).write_text("no hash\n")
    with pytest.raises(ValueError, match="not a list of fingerprints"):
        Guard.load()
