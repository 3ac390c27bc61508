"""Worker processes that may die or hang.

``concurrent.futures`` gives up when one process is killed, and does not say which task did it.  Here every worker has its own
pipe and one task at a time, so a death is known to belong to that task: its items are tried again one by one, each in a process
that may die in turn, and only the item that kills its process is lost.  A task that takes too long counts as a death.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Generic, TypeVar

from .starving import cpu_seconds, wants_processor

SHORTEST_S = 1.0
"""A deadline is put off by at least this."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Function = Callable[[Sequence[Item]], list[Result]]


@dataclass(slots=True)
class _Task(Generic[Item]):
    """Items ``first`` onwards of chunk ``chunk``."""

    chunk: int
    first: int
    items: Sequence[Item]


@dataclass(slots=True)
class _Worker(Generic[Item]):
    process: BaseProcess
    pipe: Connection
    task: _Task[Item]
    deadline: float = 0.0
    spent: float = 0.0
    """CPU seconds before the task"""
    late: bool = False


@dataclass(slots=True)
class Pool(Generic[Item, Result]):
    """Applies a function to chunks of items in several processes.

    ``start`` is called once in every process and returns the function, which gives one result for each item; with the start
    method ``spawn`` it must be importable there.  ``lost(item, reason)`` is the result of an item whose process died, or was
    ended after the seconds that ``patience(items)`` gives it: on a busy machine, seconds in which it had a processor.
    """

    start: Callable[[], Function[Item, Result]]
    lost: Callable[[Item, str], Result]
    patience: Callable[[Sequence[Item]], float]
    size: int
    method: str = ""
    _workers: list[_Worker[Item]] = field(default_factory=list)

    def run(self, chunks: Sequence[Sequence[Item]]) -> Iterator[Result]:
        """All results in order.  What the function raises is raised here and ends the run."""
        context = get_context(self.method or start_method())
        waiting = deque(_Task(index, 0, chunk) for index, chunk in enumerate(chunks))
        partial: list[dict[int, Result]] = [{} for _ in chunks]
        done = 0
        try:
            while done < len(chunks):
                while waiting and len(self._workers) < self.size:
                    self._workers.append(self._launch(context, waiting.popleft()))
                for worker in self._ready():
                    self._take(worker, waiting, partial)
                while done < len(chunks) and len(partial[done]) == len(chunks[done]):
                    results, partial[done] = partial[done], {}
                    done += 1
                    yield from (results[at] for at in range(len(results)))
            self._dismiss()
        finally:
            self._kill()

    def _launch(self, context: BaseContext, task: _Task[Item]) -> _Worker[Item]:
        ours, theirs = context.Pipe()
        inherited = [ours, *(worker.pipe for worker in self._workers)] if context.get_start_method() == "fork" else []
        process = context.Process(target=answer, args=(self.start, theirs, inherited), daemon=True)  # type: ignore[attr-defined]
        with safe_path():
            process.start()
        theirs.close()
        worker = _Worker(process, ours, task)
        self._give(worker, task)
        return worker

    def _give(self, worker: _Worker[Item], task: _Task[Item]) -> None:
        worker.task, worker.deadline = task, time.monotonic() + self.patience(task.items)
        worker.spent = cpu_seconds(worker.process.pid or 0) or 0.0
        with suppress(BrokenPipeError, ConnectionResetError):  # it is dead already: the next wait will tell
            worker.pipe.send(task.items)

    def _ready(self) -> list[_Worker[Item]]:
        """Workers that have answered, died or been ended for taking too long."""
        left = min(worker.deadline for worker in self._workers) - time.monotonic()
        pipes = wait([worker.pipe for worker in self._workers], max(left, 0.0))
        now = time.monotonic()
        for worker in self._workers:
            if worker.pipe not in pipes and worker.deadline <= now:
                if (more := self._owed(worker)) > 0:
                    worker.deadline = now + more
                    continue
                worker.process.kill()
                worker.late = True
        return [worker for worker in self._workers if worker.pipe in pipes or worker.late]

    def _owed(self, worker: _Worker[Item]) -> float:
        """Seconds that the worker did not have because others kept the processors busy."""
        pid = worker.process.pid or 0
        had = cpu_seconds(pid)
        if had is None or not wants_processor(pid):
            return 0.0
        left = self.patience(worker.task.items) - (had - worker.spent)
        return max(left, SHORTEST_S) if left > 0 else 0.0

    def _take(self, worker: _Worker[Item], waiting: deque[_Task[Item]], partial: list[dict[int, Result]]) -> None:
        """Take what a worker has sent, or note that it died, and give it or its successor something to do."""
        task = worker.task
        try:
            answer = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._workers.remove(worker)
            worker.process.join()
            if len(task.items) > 1:
                waiting.extendleft(
                    _Task(task.chunk, task.first + at, [task.items[at]]) for at in reversed(range(len(task.items)))
                )
            else:
                took_long = f"it took more than {self.patience(task.items):.0f} seconds"
                reason = took_long if worker.late else cause_of_death(worker.process.exitcode)
                partial[task.chunk][task.first] = self.lost(task.items[0], reason)
            return
        if isinstance(answer, BaseException):
            raise answer
        partial[task.chunk].update({task.first + at: result for at, result in enumerate(answer)})
        if waiting:
            self._give(worker, waiting.popleft())
        else:
            self._workers.remove(worker)
            self._release(worker)

    def _release(self, worker: _Worker[Item]) -> None:
        with suppress(OSError):
            worker.pipe.send(None)
        worker.process.join()
        worker.pipe.close()

    def _dismiss(self) -> None:
        while self._workers:
            self._release(self._workers.pop())

    def _kill(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()


def answer(start: Callable[[], Function[Item, Result]], pipe: Connection, inherited: Sequence[Connection]) -> None:
    """What a worker does: apply the function that ``start`` returns to what comes, until None does or the parent is gone.

    ``inherited`` are ends of pipes that a forked process has and must not keep open.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers to Ctrl-C for all
    for other in inherited:
        other.close()
    try:
        function = start()
        while (items := pipe.recv()) is not None:
            pipe.send(function(items))
    except (EOFError, BrokenPipeError):  # the parent is gone
        return
    except Exception as error:
        pipe.send(error)


def start_method() -> str:
    """``fork`` where it is safe (Linux, and no other thread runs), for it costs milliseconds; else ``spawn``."""
    return "fork" if sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1 else "spawn"


@contextmanager
def safe_path() -> Iterator[None]:
    """A spawned interpreter puts the working directory first on its path: told not to, it cannot import what it is to scan."""
    asked = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if asked is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = asked


def cause_of_death(exitcode: int | None) -> str:
    """A sentence on why a process ended that should not have."""
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        hint = ", perhaps for lack of memory" if name == "SIGKILL" else ""
        return f"the process that analysed it was ended by {name}{hint}"
    return f"the process that analysed it ended with exit code {exitcode}"
