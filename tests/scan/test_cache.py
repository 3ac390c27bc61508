"""The cache answers what was asked before, under any settings; damaged, locked or unwritable, it costs nothing but time."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from buglab.scan import cache as module
from buglab.scan.assessment import Assessment, Failure, Proposal, Unit
from buglab.scan.cache import NAME, Cache
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.errors import CannotScan
from buglab.scan.files import find_files
from buglab.scan.judge import FileReport
from buglab.scan.model import Model
from buglab.scan.reliability import NUMBERS, Reliability

TEXT = """\
def pick(items, index, default):
    if index < len(items) and items:
        return items[index]
    return default  # buglab: ignore[BL999]
"""
SAID = Assessment(
    (
        Unit("f", 0, 20, (Proposal("BL101", 0.1, 3, 4, "b", 4, "`a` …", (("c", -1.5),), ("so it is",)),)),
        Unit("<module>", 0, 30, ()),
    ),
    lines=3,
    remarked=False,
)


@pytest.fixture
def cache(tmp_path: Path, model: Path) -> Cache:
    return Cache.at(tmp_path / "kept", Model.load(model))


def scan(paths: list[Path], model: Path, **settings: object) -> list[FileReport]:
    told = Settings(model=model, root=paths[0].parent, **{"min_confidence": 0.0, **settings})  # type: ignore[arg-type]
    return list(Engine.prepare(told).scan(find_files(paths, told)))


def test_assessments_survive_storage() -> None:
    for said in (SAID, Assessment(), Assessment((), Failure("syntax error: \udc80", 3, 1))):
        assert Assessment.decode(said.encode()) == said
    for broken in (b"", b"{}", b"[1]", b"[[[1]], null]", b"\xff", b"[" * 100_000):
        with pytest.raises(ValueError):  # noqa: PT011  # json has its own sentences
            Assessment.decode(broken)


def test_units_are_decoded_when_they_are_looked_at() -> None:
    head, _, _ = SAID.encode().partition(b"\n")
    said = Assessment.decode(head + b"\n[1]")
    assert (len(said.units), said.highest, said.failure) == (2, {"BL101": 0.1}, None)
    with pytest.raises(ValueError, match="no stored units"):
        list(said.units)
    assert Assessment.decode(SAID.encode()).highest == SAID.highest
    assert Assessment.decode(SAID.encode()).encode() == SAID.encode()


def test_an_entry_whose_units_are_none_is_made_anew(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text(TEXT, encoding="utf-8")
    kept = {"cache_dir": tmp_path / "kept"}
    first = scan([tmp_path / "a.py"], model, **kept)
    assert first[0].findings
    _execute(tmp_path / "kept" / NAME, "UPDATE entries SET said = substr(said, 1, instr(said, x'0a')) || x'7b'")
    assert scan([tmp_path / "a.py"], model, **kept) == first
    monkeypatch.setattr(Engine, "_analyse", None)
    assert scan([tmp_path / "a.py"], model, **kept) == first


def test_what_is_known_is_not_analysed_whatever_the_settings(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text(TEXT, encoding="utf-8")
    (tmp_path / "bad.py").write_text("def (:\n", encoding="utf-8")
    paths = [tmp_path / "a.py", tmp_path / "bad.py"]
    first = scan(paths, model)
    assert [finding.code for report in first for finding in report.findings][1] == "BL000"

    def refuse(self: Engine, files: object) -> None:
        raise AssertionError(f"analysed again: {files}")

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "_analyse", refuse)
        assert scan(paths, model) == first
        fresh = {select: scan(paths, model, select=(select,)) for select in ("BL1", "BL2", "BL5")}
        assert scan(paths, model, min_confidence=1.0)[0].findings == ()
        (tmp_path / "copy.py").write_text(TEXT, encoding="utf-8")
        assert len(scan([tmp_path / "copy.py"], model)[0].findings) == 1
        with pytest.raises(AssertionError, match="analysed again"):
            scan(paths, model, cache=False)
        (tmp_path / "a.py").write_text(TEXT + "\n", encoding="utf-8")
        with pytest.raises(AssertionError, match="analysed again"):
            scan(paths, model)
    (tmp_path / "a.py").write_text(TEXT, encoding="utf-8")
    for select, reports in fresh.items():
        assert reports == scan(paths, model, select=(select,), cache=False)


def test_nothing_heavy_is_imported_for_what_is_known(tmp_path: Path, model: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT, encoding="utf-8")
    program = (
        "import sys\nfrom buglab.cli.main import bug_scan\n"
        f"sys.argv = ['bug-scan', '--isolated', '--model', {str(model)!r}, '--min-confidence', '0', 'a.py']\n"
        "try:\n    bug_scan()\nexcept SystemExit as stop:\n    code = stop.code\n"
        "print(code, [name for name in ('numpy', 'libcst', 'safetensors', 'multiprocessing', 'rich') if name in sys.modules])\n"
    )
    said = [
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said[0].splitlines()[-1].startswith("1 ['numpy', 'libcst'")
    assert said[1].splitlines()[-1] == "1 []"
    assert said[0].splitlines()[:-1] == said[1].splitlines()[:-1]


def test_entries_belong_to_a_model(tmp_path: Path, model: Path, cache: Cache) -> None:
    cache.put({cache.key(b"x"): SAID})
    assert cache.get([cache.key(b"x"), cache.key(b"y")]) == {cache.key(b"x"): SAID}
    described = Model.load(model)
    other = Cache.at(tmp_path / "kept", Model(model, described.info | {"weights_sha256": "0" * 64}, {}))
    assert other.get([other.key(b"x")]) == {}


def test_entries_belong_to_the_weights_that_made_their_scores(tmp_path: Path, model: Path, cache: Cache) -> None:
    told = Model.load(model)
    one, other = (Reliability((weight,) * len(NUMBERS), dict.fromkeys(told.rules, 0.0)) for weight in (0.5, 0.25))
    stamps = {Cache.at(tmp_path / "kept", replace(told, reliability=table)).stamp for table in (None, one, other)}
    assert len(stamps) == 3
    assert cache.stamp in stamps


def test_code_that_changed_begins_anew(cache: Cache, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__version__", "999")
    assert Cache.at(cache.path.parent, Model.load(model)).stamp != cache.stamp


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"this is no database" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + os.urandom(len(path.read_bytes()) - 4096)),
        lambda path: _execute(path, "UPDATE entries SET said = '{'"),
        lambda path: _execute(path, "DROP TABLE entries", "CREATE TABLE entries (x)"),
    ],
)
def test_damage_is_told_and_a_new_one_begun(cache: Cache, damage: object) -> None:
    entries = {cache.key(bytes([number])): SAID for number in range(100)}
    cache.put(entries)
    damage(cache.path)  # type: ignore[operator]
    assert cache.get(list(entries)) == {}
    assert len(cache.complaints) == 1
    assert "is damaged (" in cache.complaints[0]
    cache.put(entries)
    assert cache.get(list(entries)) == entries
    assert len(cache.complaints) == 1


def _execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_nothing_is_created_before_something_is_stored_and_the_folder_is_marked(cache: Cache) -> None:
    assert cache.get([cache.key(b"")]) == {}
    assert not cache.path.parent.exists()
    cache.put({cache.key(b""): SAID})
    assert sorted(path.name for path in cache.path.parent.iterdir()) == [".gitignore", "CACHEDIR.TAG", NAME]
    assert (cache.path.parent / ".gitignore").read_text() == "*\n"


def test_folders_that_cannot_be_written(tmp_path: Path, model: Path, cache: Cache) -> None:
    cache.put({cache.key(b"x"): SAID})
    (tmp_path / "file").touch()
    unwritable = Cache.at(tmp_path / "file" / "below", Model.load(model))
    unwritable.put({unwritable.key(b"x"): SAID})
    assert (unwritable.get([unwritable.key(b"x")]), unwritable.complaints) == ({}, [])
    with pytest.raises(CannotScan, match="is a file; name a folder"):
        Cache.at(tmp_path / "file", Model.load(model))
    link = Cache.at(tmp_path / "linked", Model.load(model))
    link.path.parent.mkdir()
    link.path.symlink_to(cache.path)
    before = cache.path.read_bytes()
    link.put({link.key(b"y"): SAID})
    assert (link.get([link.key(b"x")]), cache.path.read_bytes()) == ({}, before)


def test_read_only_caches_are_read(cache: Cache) -> None:
    cache.put({cache.key(b"x"): SAID})
    cache.path.chmod(0o444)
    cache.path.parent.chmod(0o555)
    try:
        program = f"""
import os
from pathlib import Path
from buglab.scan.cache import Cache
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
cache = Cache(Path({str(cache.path)!r}), {cache.stamp!r})
found = cache.get([cache.key(b"x")])
cache.put({{cache.key(b"y"): found[cache.key(b"x")]}})
print(len(found), len(cache.get([cache.key(b"y")])), cache.complaints)
"""
        for folder in [*cache.path.parents][:4]:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert ran.stdout == "1 0 []\n", ran.stderr
    finally:
        cache.path.parent.chmod(0o755)


def test_the_size_is_bounded_and_what_is_used_stays(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 300_000)
    monkeypatch.setattr(module, "DAY_S", -1)
    clock = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: clock)
    long = Assessment((Unit("f" * 30_000, 0, 1, ()),))
    for number in range(40):
        clock += 1
        cache.put({cache.key(b"%d" % number): long})
        assert cache.get([cache.key(b"0")])
    assert cache.path.stat().st_size < 400_000
    assert not cache.get([cache.key(b"1")])
    monkeypatch.setattr(module, "LARGEST", 1_000)
    cache.put({cache.key(b"large"): long})
    assert not cache.get([cache.key(b"large")])


WRITER = """
import sys
from pathlib import Path
from buglab.scan.assessment import Assessment, Unit
from buglab.scan.cache import Cache
cache = Cache(Path(sys.argv[1]), b"stamp")
number = 0
while True:
    said = Assessment(tuple(Unit(f"f{at}", at, at, ()) for at in range(200)))
    cache.put({cache.key(b"%d" % at): said for at in range(number, number + 20)})
    number += 20
    print(number, *cache.complaints, flush=True)
"""


def test_writers_killed_in_the_middle_leave_a_whole_cache(tmp_path: Path) -> None:
    path = tmp_path / "kept" / NAME
    for delay in (0.0, 0.02, 0.05):
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "20\n"
        time.sleep(delay)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            left = writer.communicate()[0]
            assert "damaged" not in left
        cache = Cache(path, b"stamp")
        found = cache.get([cache.key(b"%d" % number) for number in range(20)])
        assert (len(found), cache.complaints) == (20, [])
