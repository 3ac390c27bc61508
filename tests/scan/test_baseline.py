"""Baselines: a multiset that shrinks, is whole at every moment, and knows who wrote it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from buglab.scan.baseline import Baseline, BaselineError, Entry, Known, entries, remaining
from buglab.scan.judge import FileReport

from .test_report import FINDING


def entry(path: str, fingerprint: str, code: str = "BL101") -> Entry:
    return Entry(path, "f", code, fingerprint, "message")


def marked(baseline: Baseline, *fingerprints: str) -> list[bool]:
    report = FileReport("a.py", tuple(replace(FINDING, fingerprint=each) for each in fingerprints))
    return [finding.known for finding in Known(baseline).mark(report).findings]


def test_as_many_findings_are_known_as_there_are_entries() -> None:
    baseline = Baseline("m", "0", [entry("a.py", "x"), entry("a.py", "x"), entry("a.py", "y")])
    assert marked(baseline, "x", "y", "z", "x", "x") == [True, True, False, True, False]


def test_suppressed_findings_take_nothing_from_it_and_are_not_written() -> None:
    silent = replace(FINDING, fingerprint="x", suppressed=True)
    known = Known(Baseline("m", "0", [entry("a.py", "x")]))
    report = known.mark(FileReport("a.py", (silent, replace(silent, suppressed=False))))
    assert [finding.known for finding in report.findings] == [False, True]
    assert entries([("a.py", silent)]) == []


def test_what_was_looked_for_and_not_found_goes_and_nothing_comes() -> None:
    baseline = Baseline(
        "m", "0", [entry("a.py", "x"), entry("a.py", "x"), entry("a.py", "y"), entry("b.py", "z"), entry("a.py", "w", "BL201")]
    )
    left = remaining(baseline, [entry("a.py", "x"), entry("a.py", "new")], {"a.py"}, lambda path: {"BL101"})
    assert [each.fingerprint for each in left] == ["x", "w", "z"]
    known = Known(baseline)
    for _ in range(2):  # as where a repair is tried: found twice, it is one
        assert known.mark(FileReport("a.py", (replace(FINDING, fingerprint="x"),))).findings[0].known
    assert known.gone({"a.py"}, lambda path: {"BL101"}) == 2
    assert known.gone({"a.py"}, lambda path: {"BL101", "BL201"} if path == "a.py" else set()) == 3


def test_the_file_is_sorted_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    wild = [entry("b.py", "2"), entry("a.py", "3"), entry("caf\udce9.py", "1"), entry("a.py", "1")]
    path.write_bytes(Baseline("modèl", "0", wild).text().encode("utf-8", "backslashreplace"))
    assert Baseline.load(path).entries == sorted(wild)
    assert [each["path"] for each in json.loads(path.read_bytes())["entries"]] == ["a.py", "a.py", "b.py", "caf\udce9.py"]
    assert Baseline("m", "0", wild).text() == Baseline("m", "0", wild[::-1]).text()


def test_another_model_is_named() -> None:
    baseline = Baseline("old", "0" * 64, [])
    assert baseline.strange_to("old", "0" * 64) == ""
    assert "written with model old (000000000000), this is new (111111111111)" in baseline.strange_to("new", "1" * 64)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "there is no baseline"),
        (b"", "is damaged"),
        (b'{"model": "m"', "is damaged"),
        (b"[]", "is damaged"),
        (b'{"model": "m", "sha256": "0", "entries": [{"path": 1}]}', "is damaged"),
        (b'{"model": "m", "sha256": "0", "entries": [], "more": 1}', "is damaged"),
        (b'{"model": "m", "sha256": "0", "entries": [], "version": 2}', "has version 2"),
        (b"\xff", "is damaged"),
        (b"[" * 100_000, "is damaged"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_with_advice(tmp_path: Path, data: bytes | None, sentence: str) -> None:
    path = tmp_path / "baseline.json"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(BaselineError, match=sentence) as caught:
        Baseline.load(path)
    assert "buglab baseline write" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_killed_in_the_middle_of_a_write_the_file_is_whole(tmp_path: Path) -> None:
    """A real process writes baselines of very different sizes over and over until it is killed."""
    path = tmp_path / "baseline.json"
    path.write_text(Baseline("m", "0", []).text(), encoding="utf-8")
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from buglab.cli.baseline import _replace\nfrom buglab.scan.baseline import Baseline, Entry\n"
        "many = [Entry('a.py', 'f', 'BL101', str(at), 'm') for at in range(4000)]\n"
        "print('ready', flush=True)\n"
        f"path = Path({str(path)!r})\n"
        "while True:\n    for size in (4000, 1, 2000):\n        _replace(path, Baseline('m', '0', many[:size]))\n"
    )
    seen = set()
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(10):
            time.sleep(0.01)
            seen.add(len(Baseline.load(path).entries))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        seen.add(len(Baseline.load(path).entries))
    assert seen <= {0, 1, 2000, 4000}
    assert len(seen) > 1
