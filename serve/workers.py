"""Processes that analyse files, each with the model loaded once; one that dies or takes too long is replaced."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from ..scan.analysis import Analyser
from ..scan.files import File
from ..scan.judge import FileReport, Judge
from ..scan.memory import give_back
from ..scan.pool import Function, answer, cause_of_death, safe_path

START_S = 120.0
"""For importing and loading, on the busiest machine."""

AGAIN_S = 1.0
"""Between attempts to replace a process."""


class Late(Exception):
    """The files took longer than they may."""


class Died(Exception):
    """The process that analysed the files is gone; the message says why."""

    seconds = 0.0
    """that it had worked"""


class Busy(Exception):
    """No process was free in time."""


class Worker:
    """One process.  Its methods block; one caller at a time."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        """Returns when the process is ready; raises what prevents that."""
        self.stop()
        context = get_context("spawn")  # never forked: the server has threads
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=answer, args=(partial(_load, self._judge), theirs, []), daemon=True)
        with safe_path():
            self._process.start()
        theirs.close()
        self.ask([], START_S)

    def ask(self, files: Sequence[File], seconds: float) -> list[FileReport]:
        """A report for each file.  Raises Late or Died, after which the process is gone; and what is wrong with the model."""
        assert self._process is not None
        assert self._pipe is not None
        try:
            self._pipe.send(files)
            if not self._pipe.poll(seconds):
                self.stop()
                raise Late
            said = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise Died(cause_of_death(self._process.exitcode)) from None
        if isinstance(said, BaseException):
            raise said
        reports: list[FileReport] = said
        return reports

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = self._pipe = None


def _load(judge: Judge) -> Function[File, FileReport]:
    analyser = Analyser.load(judge)

    def reports(files: Sequence[File]) -> list[FileReport]:
        found = [analysed.report for analysed in analyser(files)]
        give_back()
        return found

    return reports


class Workers:
    """Several of them, which take what is asked in the order in which it was."""

    def __init__(self, judge: Judge, size: int) -> None:
        self._all = [Worker(judge) for _ in range(size)]
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="worker")

    @property
    def alive(self) -> int:
        return sum(worker.alive for worker in self._all)

    async def start(self) -> None:
        """Raises what prevents it."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._threads, worker.start) for worker in self._all))
        for worker in self._all:
            self._idle.put_nowait(worker)

    async def analyse(self, files: Sequence[File], seconds: float, patience: float) -> tuple[list[FileReport], float]:
        """A report for each file, and the seconds that it took once a process was free.

        Raises Busy if none was within ``patience`` seconds; Late; Died.  Who stops waiting leaves the process at its work: it
        is free again when it has done it.
        """
        try:
            async with asyncio.timeout(patience):
                worker = await self._idle.get()
        except TimeoutError:
            raise Busy from None
        began = time.monotonic()
        asked = asyncio.get_running_loop().run_in_executor(self._threads, worker.ask, files, seconds)
        asked.add_done_callback(lambda done: self._free(worker, done))
        try:
            return await asyncio.shield(asked), time.monotonic() - began
        except Died as error:
            error.seconds = time.monotonic() - began
            raise

    def _free(self, worker: Worker, done: asyncio.Future[list[FileReport]]) -> None:
        if done.cancelled() or done.exception() is None:
            self._idle.put_nowait(worker)
        else:
            self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        loop = asyncio.get_running_loop()

        def replaced(started: asyncio.Future[None]) -> None:
            if started.cancelled() or started.exception() is None:
                self._idle.put_nowait(worker)
            else:
                loop.call_later(AGAIN_S, self._replace, worker)

        loop.run_in_executor(self._threads, worker.start).add_done_callback(replaced)

    def close(self) -> None:
        """End all processes."""
        for worker in self._all:
            worker.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
