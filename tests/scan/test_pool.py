"""Workers that raise, die and hang: nothing else is lost, and the order stays."""

from __future__ import annotations

import faulthandler
import importlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from buglab.scan import pool
from buglab.scan.errors import CannotScan
from buglab.scan.pool import Pool, cause_of_death, start_method
from buglab.scan.starving import cpu_seconds, wants_processor

METHODS = ["fork", "spawn"] if start_method() == "fork" else ["spawn"]


def work(items: Sequence[str]) -> list[str]:
    """Does to the process what the items say."""
    for item in items:
        match item:
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "crash":
                faulthandler.disable()
                os.abort()
            case "leave":
                os._exit(7)
            case "hang":
                time.sleep(600)
            case "spin":
                while True:
                    pass
            case "refuse":
                raise CannotScan("cannot")
    return [f"{item}!" for item in items]


def start() -> object:
    return work


def lost(item: str, reason: str) -> str:
    return f"{item}: {reason}"


def patience(seconds: float, items: Sequence[str]) -> float:
    return seconds


Start = Callable[[], object]


@pytest.fixture
def start_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """``start`` from a module that a spawned process can import; processes are spawned where other tests left threads."""
    (tmp_path / "deadly.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found: Start = importlib.import_module("deadly").start
    return found


def run(start: Start, chunks: list[list[str]], size: int, method: str = "", seconds: float = 600) -> list[str]:
    return list(Pool(start, lost, partial(patience, seconds), size, method).run(chunks))  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_results_come_in_order_and_a_death_costs_one_item(method: str, start_by_name: Start) -> None:
    chunks = [["a", "b"], ["c"], ["d", "killed", "e"], ["crash"], ["f", "leave"], ["g"]]
    assert run(start_by_name, chunks, 2, method) == [
        "a!", "b!", "c!", "d!",
        "killed: the process that analysed it was ended by SIGKILL, perhaps for lack of memory",
        "e!",
        "crash: the process that analysed it was ended by SIGABRT",
        "f!",
        "leave: the process that analysed it ended with exit code 7",
        "g!",
    ]  # fmt: skip


def test_what_takes_too_long_is_ended(start_by_name: Start) -> None:
    found = run(start_by_name, [["a", "hang", "b"], ["c"]], 2, seconds=6)
    assert found == ["a!", "hang: it took more than 6 seconds", "b!", "c!"]


def test_a_process_that_waits_for_a_processor_is_not_late(start_by_name: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had is counted, not what the clock says; one that runs for ever is ended all the same."""
    spent = iter([0.0, 0.5, 1.0, 1.5, 2.5])
    asked: list[int] = []

    def told(pid: int) -> float:
        asked.append(pid)
        return next(spent)

    monkeypatch.setattr(pool, "cpu_seconds", told)
    monkeypatch.setattr(pool, "wants_processor", lambda pid: True)
    began = time.monotonic()
    assert run(start_by_name, [["spin"]], 1, seconds=2) == ["spin: it took more than 2 seconds"]
    assert len(asked) == 5
    assert time.monotonic() - began > 2 + 1.5 + 1.0 + 1.0


def test_the_system_tells_what_a_process_had() -> None:
    if (before := cpu_seconds(os.getpid())) is None:
        pytest.skip("no /proc here")
    while time.process_time() < before + 0.1:
        pass
    assert (cpu_seconds(os.getpid()) or 0) > before
    assert wants_processor(os.getpid())
    assert cpu_seconds(2**30) is None
    assert not wants_processor(2**30)


def test_errors_reach_the_caller(start_by_name: Start) -> None:
    with pytest.raises(CannotScan, match="cannot"):
        run(start_by_name, [["a"], ["refuse"]], 1)


def test_many_chunks_few_workers(start_by_name: Start) -> None:
    chunks = [[f"{row}.{column}" for column in range(3)] for row in range(40)]
    assert run(start_by_name, chunks, 3) == [f"{item}!" for chunk in chunks for item in chunk]
    assert run(start_by_name, [], 3) == []


def test_causes_of_death() -> None:
    assert cause_of_death(-signal.SIGSEGV) == "the process that analysed it was ended by SIGSEGV"
    assert cause_of_death(3) == "the process that analysed it ended with exit code 3"
