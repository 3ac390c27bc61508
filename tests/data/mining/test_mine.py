"""The whole way: repositories in, logs and fixes out; stopped, continued, repeated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from buglab.data.mining import log as logs
from buglab.data.mining.collect import Mined
from buglab.data.mining.config import MiningConfig
from buglab.data.mining.folds import FOLDS, fold
from buglab.data.mining.mine import MiningStopped, mine
from buglab.data.mining.pairs import clones, load, pairs
from buglab.data.mining.publish import publish
from buglab.data.mining.record import Fix, Header
from buglab.data.mining.report import FIXES, FoundFix
from buglab.train.mine_main import main

from .conftest import CLAMP, History

FIXED = CLAMP.replace("<", "<=")


def settings(tmp_path: Path, *histories: History, **more: object) -> MiningConfig:
    paths = [str(history.path) for history in histories]
    return MiningConfig(**{"repositories": paths, "output": str(tmp_path / "mined"), "chunk": 2, "workers": 1, **more})  # type: ignore[arg-type]


def found(tmp_path: Path) -> list[FoundFix]:
    return [msgspec.json.decode(line, type=FoundFix) for line in (tmp_path / "mined" / FIXES).read_bytes().splitlines()]


@pytest.fixture
def fixed(history: History) -> History:
    history.commit("begin", {"a.py": CLAMP})
    history.commit("Fix", {"a.py": FIXED})
    history.commit("more", {"b.py": "x = 1\n"})
    history.commit("much more", {"b.py": "x = 2\n"})
    return history


def test_fixes_end_up_in_one_file(fixed: History, tmp_path: Path) -> None:
    mine(settings(tmp_path, fixed))
    (line,) = found(tmp_path)
    assert (line.project, line.fold, line.change.matches[0].code) == ("someone/sorter", fold("someone/sorter"), "BL201")
    assert "12 rules" in line.rules or "rules BL101" in line.rules
    mined = Mined(tmp_path / "mined")
    assert mined.tallies["someone/sorter"].commits == 3


def test_two_processes_find_what_one_finds(fixed: History, tmp_path: Path) -> None:
    mine(settings(tmp_path, fixed))
    alone = found(tmp_path)
    (tmp_path / "mined" / "someone+sorter.jsonl").unlink()
    mine(settings(tmp_path, fixed, workers=2))
    assert found(tmp_path) == alone


def test_a_run_that_was_cut_off_goes_on(fixed: History, tmp_path: Path) -> None:
    mine(settings(tmp_path, fixed))
    path = tmp_path / "mined" / "someone+sorter.jsonl"
    whole = path.read_bytes()
    head, first, second, _ = whole.split(b"\n")
    path.write_bytes(b"\n".join([head, first.replace(b'"commits":1', b'"commits":1001'), second[:40]]))
    mine(settings(tmp_path, fixed))
    again = path.read_bytes().split(b"\n")
    assert again[1] != first  # what was there stayed as it was
    assert sorted(again[2:]) == sorted([second, b""])


def test_with_other_rules_only_known_changes_are_looked_at_again(fixed: History, tmp_path: Path) -> None:
    mine(settings(tmp_path, fixed, unmatched=["< -> <="]))
    assert found(tmp_path) == []
    path = tmp_path / "mined" / "someone+sorter.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"hunks":1,"functions"', b'"hunks":999,"functions"'))
    mine(settings(tmp_path, fixed))
    assert len(found(tmp_path)) == 1
    assert b'"hunks":999,' in path.read_bytes()


def test_equal_fixes_count_once_and_undone_ones_not_at_all(fixed: History, tmp_path: Path) -> None:
    fork = History(tmp_path / "fork", "https://github.com/other/sorter")
    fork.commit("begin", {"a.py": CLAMP, "c.py": "def f(a, b):\n    return a < b\n"})
    fork.commit("Fix", {"a.py": FIXED})
    fork.commit("Fix", {"c.py": "def f(a, b):\n    return a > b\n"})
    fork.commit("It was right, fix", {"c.py": "def f(a, b):\n    return a < b\n"})
    mine(settings(tmp_path, fixed, fork))
    assert len(found(tmp_path)) == 1


def test_what_cannot_be_mined_is_said_and_the_rest_is_done(fixed: History, tmp_path: Path) -> None:
    held = History(tmp_path / "held", "https://github.com/psf/requests.git")
    held.commit("begin", {"a.py": CLAMP})
    copied = History(tmp_path / "copied", "https://example.org/me/mine.git")
    copied.commit("begin", {"src/requests/__init__.py": ""})
    config = settings(tmp_path, held, copied, fixed)
    config.repositories.insert(0, str(tmp_path / "nothing"))
    with pytest.raises(MiningStopped, match=r"3 of 4 repositories were not mined; the first: .*there is no such folder"):
        mine(config)
    assert len(found(tmp_path)) == 1
    assert [path.name for path in (tmp_path / "mined").glob("*.jsonl")] == ["someone+sorter.jsonl"]


def test_two_projects_do_not_share_a_log(fixed: History, tmp_path: Path) -> None:
    alike = [History(tmp_path / name / "repo", origin="") for name in ("one", "other")]
    for history in alike:
        history.commit("begin", {"a.py": CLAMP})
    with pytest.raises(
        MiningStopped, match=r"1 of 3 .* is called repo, as .*/one/repo/.git is, .* `git remote add origin URL`"
    ):
        mine(settings(tmp_path, *alike, fixed))
    assert len(found(tmp_path)) == 1
    mine(settings(tmp_path, fixed, fixed))


def test_a_file_that_is_no_log_is_a_sentence(fixed: History, tmp_path: Path) -> None:
    (tmp_path / "mined").mkdir()
    (tmp_path / "mined" / "someone+sorter.jsonl").write_text("nonsense\n")
    with pytest.raises(ValueError, match="no log of `buglab mine`"):
        mine(settings(tmp_path, fixed))


def test_published_fixes_are_read_back_from_clones(fixed: History, tmp_path: Path) -> None:
    mine(settings(tmp_path, fixed))
    path = tmp_path / "fixes.jsonl"
    path.write_text('["a/b","c","d.py","e","BL101",1,1,[]]\n')
    publish(tmp_path / "mined", path)
    other, fix = load(path=path)
    assert other == Fix("a/b", "c", "d.py", "e", "BL101", 1, 1)
    assert (fix.function, fix.code, fix.row, fix.column) == ("clamp", "BL201", 2, 14)
    for name, _ in FOLDS:
        assert load([name], path) == [each for each in (other, fix) if fold(each.project) == name]
    (pair,) = pairs([fix], clones(tmp_path))
    assert (pair.buggy, pair.fixed) == (CLAMP, FIXED)
    assert list(pairs([fix], {})) == []


def test_the_shipped_fixes_are_facts_about_projects_that_are_not_held_out(guard: object) -> None:
    fixes = load()
    assert len({(fix.project, fix.commit, fix.path, fix.function, fix.row, fix.column) for fix in fixes}) == len(fixes)
    assert not [fix for fix in fixes if guard.holds_repository(fix.project) or guard.holds_path(fix.path)]
    counts = Counter(fold(fix.project) for fix in fixes)
    assert all(counts[name] >= 50 for name, _ in FOLDS)


def test_the_fold_of_a_project_is_for_good() -> None:
    assert {name: fold(name) for name in ("sympy/sympy", "beetbox/beets", "angr/angr", "fork/Beets")} == {
        "sympy/sympy": "fine-tuning",
        "beetbox/beets": "development-test",
        "angr/angr": "calibration",
        "fork/Beets": "development-test",
    }


def test_a_log_remembers_what_other_rules_saw(tmp_path: Path) -> None:
    first = logs.Log(tmp_path, Header("a/b", "1", "old rules"))
    first.close()
    second = logs.Log(tmp_path, Header("a/b", "1", "new rules"))
    second.close()
    assert logs.read(tmp_path / "a+b.jsonl")[0].rules == "new rules"
    assert logs.read(tmp_path / "a+b.earlier")[0].rules == "old rules"


def test_the_command_can_be_killed_and_continued(fixed: History, tmp_path: Path) -> None:
    for number in range(30):
        fixed.commit("Fix", {"a.py": CLAMP.replace("low:", f"low + {number}:")})
    command = [
        sys.executable,
        "-m",
        "buglab",
        "mine",
        str(fixed.path),
        "workers=1",
        "chunk=1",
        "unmatched=[]",
        f"output={tmp_path}/mined",
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    log = tmp_path / "mined" / "someone+sorter.jsonl"
    end = time.monotonic() + 120
    while time.monotonic() < end and not (log.exists() and log.read_bytes().count(b"\n") > 3):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = log.read_bytes()
    mine(settings(tmp_path, fixed, chunk=1))
    assert log.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    assert log.read_bytes().count(b"\n") == 1 + 33


def test_the_command_names_what_it_was_not_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    expected = "buglab mine: no repository is named: `buglab mine REPO...`, where each REPO is the folder of a clone"
    assert capsys.readouterr().err.strip() == expected
