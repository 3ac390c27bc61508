from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from buglab.data.heldout import Guard, HeldOut
from buglab.data.pins import DownloadFailed, Pin, fetch, read_pins

LIST = Path(__file__).parents[2] / "data" / "packages.txt"


def test_nothing_on_our_list_is_held_out(guard: Guard) -> None:
    pins = read_pins(LIST, guard)
    assert 60 <= len(pins) <= 100
    assert len({pin.name.lower() for pin in pins}) == len(pins)


def test_a_list_may_take_in_another(guard: Guard) -> None:
    pins = read_pins(LIST.with_name("packages-large.txt"), guard)
    assert pins[: len(read_pins(LIST, guard))] == read_pins(LIST, guard)
    assert len({pin.name.lower().replace("_", "-") for pin in pins}) == len(pins) > 110


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


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index (PEP 503) on this machine, served from a folder."""
    folder = tmp_path / "index"
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield folder
        server.shutdown()


def test_source_distributions_come_from_the_index_unrun(tmp_path: Path, index: Path, guard: Guard) -> None:
    content = b"an archive whose setup.py would do harm"
    digest = hashlib.sha256(content).hexdigest()
    for name, sha256 in (("mine", digest), ("other", "0" * 64)):
        (index / name).mkdir(parents=True)
        (index / name / f"{name}-1.0.tar.gz").write_bytes(content)
        (index / name / "index.html").write_text(f'<a href="{name}-1.0.tar.gz#sha256={sha256}">x</a>')
    (tmp_path / "list.txt").write_text(f"--no-binary mine\nmine==1.0 --hash=sha256:{digest}\n")
    pins = read_pins(tmp_path / "list.txt", guard)
    assert pins == [Pin("mine", "1.0", digest, sdist=True)]
    folder = tmp_path / "downloads"
    assert fetch(pins, folder)[pins[0]].read_bytes() == content
    for pin, sentence in (
        (Pin("mine", "1.0", "1" * 64, True), "the index has no file with"),
        (Pin("other", "1.0", "0" * 64, True), "has another SHA-256"),
        (Pin("nothing", "1.0", digest, True), "could not be asked"),
    ):
        with pytest.raises(DownloadFailed, match=rf"{pin.name} 1\.0: .*{sentence}"):
            fetch([pin], folder)
    assert [path.name for path in folder.iterdir()] == ["mine-1.0.tar.gz"]


def test_what_pip_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(DownloadFailed, match=r"pip could not download.*nonsense"):
        fetch([Pin("nonsense", "1.0", "0" * 64)], tmp_path)
