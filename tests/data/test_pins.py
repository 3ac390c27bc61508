from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from buglab.data.heldout import Guard, HeldOut
from buglab.data.pins import DownloadFailed, Pin, fetch, read_pins

LIST = Path(__file__).parents[2] / "data" / "packages.txt"


def test_nothing_on_our_list_is_held_out(guard: Guard) -> None:
    pins = read_pins(LIST, guard)
    assert 60 <= len(pins) <= 100
    assert len({pin.name.lower() for pin in pins}) == len(pins)


def test_held_out_packages_are_refused_by_name(tmp_path: Path, guard: Guard) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"# mine\nclick==8.0 --hash=sha256:{'0' * 64}\nZope==5.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(HeldOut, match=r"list\.txt:3: Zope is held out"):
        read_pins(path, guard)


@pytest.mark.parametrize("line", ["click", "click==8.0", "click>=8 --hash=sha256:" + "0" * 64, "click==8.0 --hash=sha256:123"])
def test_unpinned_packages_are_refused(tmp_path: Path, guard: Guard, line: str) -> None:
    (tmp_path / "list.txt").write_text(line)
    with pytest.raises(ValueError, match=r"list\.txt:1"):
        read_pins(tmp_path / "list.txt", guard)


def test_files_that_are_there_are_not_downloaded(tmp_path: Path) -> None:
    wheel = tmp_path / "Some_Package-1.0-py3-none-any.whl"
    wheel.write_bytes(b"content")
    pin = Pin("some.package", "1.0", hashlib.sha256(b"content").hexdigest())
    assert fetch([pin], tmp_path) == {pin: wheel}


def test_files_with_other_content_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buglab.data.pins._download_wheels", lambda pins, folder: None)
    (tmp_path / "some_package-1.0-py3-none-any.whl").write_bytes(b"changed")
    with pytest.raises(DownloadFailed, match=r"some-package 1\.0: no file"):
        fetch([Pin("some-package", "1.0", "0" * 64)], tmp_path)


def test_what_pip_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(DownloadFailed, match=r"pip could not download.*nonsense"):
        fetch([Pin("nonsense", "1.0", "0" * 64)], tmp_path)
