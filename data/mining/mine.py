"""``buglab mine``: the histories of repositories, in pieces, on all cores, into logs; then a report."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ...rewrites.source import on_deep_stack
from ..heldout import Guard, HeldOut
from .config import MiningConfig
from .git import NotMinable, Repository
from .log import Log, rules_version
from .record import Chunk, Header
from .report import report
from .walk import VERSION, Reach, Walk, key

AHEAD = 2
"""Pieces of work that wait for each process."""


VENDORS = 3
"""A project of which less than one part in so many packages is held out has copied them; only these files are left out."""


class MiningStopped(Exception):
    """Some histories could not be mined; the sentence says which and why.  The rest is done."""


@dataclass(frozen=True)
class _Piece:
    repository: Repository
    reach: Reach
    commits: tuple[str, ...]
    known: Chunk | None
    """what was found there with other rules"""


def mine(config: MiningConfig) -> None:
    """Walk all histories of ``config``.  Raises MiningStopped, after everything that can be done is done."""
    console, guard, failures = Console(stderr=True), Guard.load(), list[str]()
    folder = config.folder()
    folder.mkdir(parents=True, exist_ok=True)
    reach = Reach(config.most_files, config.tests, config.worded, frozenset(config.unmatched))
    end = time.monotonic() + 60 * config.max_minutes if config.max_minutes else float("inf")
    called: dict[str, Path] = {}
    for path in config.repositories:
        if time.monotonic() > end:
            console.print("the time is over; run the same command again to continue")
            break
        try:
            repository = Repository.open(Path(path).expanduser())
            refuse_held_out(repository, guard)
            if called.setdefault(repository.project, repository.path) != repository.path:
                raise NotMinable(
                    f"{path}: it is called {repository.project}, as {called[repository.project]} is, and would share its log; "
                    "tell them apart with `git remote add origin URL`"
                )
            if repository.shallow:
                console.print(
                    f"{path}: a shallow clone, only a part of its history is here; `git fetch --unshallow` brings the rest"
                )
            _one(repository, config, reach, folder, end, console)
        except (NotMinable, HeldOut) as error:
            console.print(str(error))
            failures.append(str(error))
    report(folder, Console())
    if failures:
        raise MiningStopped(
            f"{len(failures)} of {len(config.repositories)} repositories were not mined; the first: {failures[0]}"
        )


def refuse_held_out(repository: Repository, guard: Guard) -> None:
    """Raises HeldOut for projects that judge BugLab: by their address, by their name, by what they define at the top."""
    name = repository.project.rpartition("/")[2]
    reason = ""
    if guard.holds_repository(repository.project) or guard.holds_distribution(name):
        reason = f"its name is {repository.project}"
    packages = repository.root_packages()
    held = [package for package in packages if guard.holds_path(package)]
    if not reason and len(held) > len(packages) // VENDORS:
        reason = f"it defines {', '.join(held)}"
    if reason:
        raise HeldOut(
            f"{repository.path}: this project is held out ({reason}); its bugs judge BugLab and are never learned from"
        )


def _one(repository: Repository, config: MiningConfig, reach: Reach, folder: Path, end: float, console: Console) -> None:
    commits = repository.commits(config.revisions)
    chunks = [tuple(commits[i : i + config.chunk]) for i in range(0, len(commits), config.chunk)]
    settings = f"{VERSION}, at most {reach.most_files} files{', tests' * reach.tests}{', worded' * reach.worded}"
    header = Header(repository.project, settings, rules_version(reach.unmatched))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with closing(Log(folder, header)) as log, Progress(*columns, console=console) as progress:
        bar = progress.add_task(repository.project, total=len(commits))
        missing = []
        for chunk in reversed(chunks):  # the newest first: old code is often Python 2
            if key(chunk) in log.done:
                progress.advance(bar, len(chunk))
            else:
                missing.append(_Piece(repository, reach, chunk, log.known.get(key(chunk))))
        for found in _run(missing, min(config.workers or os.cpu_count() or 1, len(missing)), end):
            log.write(found)
            progress.advance(bar, found.tally.commits)


def _run(pieces: Sequence[_Piece], workers: int, end: float) -> Iterator[Chunk]:
    """Work the pieces off, here or in a pool of processes, until ``end``; yields what each gave."""
    if workers <= 1:
        for piece in pieces:
            if time.monotonic() > end:
                return
            yield _work(piece)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
        running: set[Future[Chunk]] = set()
        waiting = iter(pieces)
        try:
            while True:
                for piece in islice(waiting, workers * AHEAD - len(running) if time.monotonic() < end else 0):
                    running.add(pool.submit(_work, piece))
                if not running:
                    return
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool as error:
            raise MiningStopped(
                "a process died (out of memory?); what is done is kept: run it again with fewer `workers`"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _work(piece: _Piece) -> Chunk:
    walk, known = Walk(piece.repository, piece.reach, _guard()), piece.known
    if known is None:
        return on_deep_stack(lambda: walk.chunk(piece.commits))
    interesting = list(dict.fromkeys(change.commit for change in known.changes))
    return Chunk(known.key, known.tally, on_deep_stack(lambda: walk.chunk(interesting)).changes)


@lru_cache(maxsize=1)
def _guard() -> Guard:
    return Guard.load()


def _end_with_parent() -> None:
    """End this process when the one that started it is killed: nobody else would tell it."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
