"""Who makes the shards: this process, a pool of processes, or a Dask cluster.  All do the same and give the same bytes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from .extraction import BuildStopped, make_shard
from .heldout import Guard
from .plan import ShardTask

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
_ANSWER_S = 20
_RETRIES = 3
"""How often a shard is begun again when the worker that made it dies."""

_guard: Guard


def run(tasks: Sequence[ShardTask], folder: Path, guard: Guard, workers: int, cluster: str) -> Iterator[int]:
    """Make the shards; yields the size of each one that is finished.  Raises BuildStopped."""
    if cluster:
        return _on_cluster(tasks, folder, guard, workers, cluster)
    workers = min(workers, len(tasks))
    return _in_pool(tasks, folder, guard, workers) if workers > 1 else (make_shard(task, folder, guard) for task in tasks)


def _in_pool(tasks: Sequence[ShardTask], folder: Path, guard: Guard, workers: int) -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(guard,)) as pool:
        running = [pool.submit(_make, task, folder) for task in tasks]
        try:
            for future in as_completed(running):
                yield future.result()
        except BrokenProcessPool as error:
            raise BuildStopped(
                f"a worker process died (out of memory?); finished shards stay in {folder}: run it again with fewer `workers`"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(guard: Guard) -> None:
    """Runs once in every process of the pool: keep the guard, and end when the build that started it is killed."""
    global _guard  # noqa: PLW0603  # sent once instead of with every task
    _guard = guard
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _make(task: ShardTask, folder: Path) -> int:
    return make_shard(task, folder, _guard)


def _on_cluster(tasks: Sequence[ShardTask], folder: Path, guard: Guard, workers: int, cluster: str) -> Iterator[int]:
    """Sources and ``folder`` must have the same paths on every worker: a shared file system."""
    try:
        from distributed import KilledWorker, as_completed
    except ModuleNotFoundError:
        raise BuildStopped("`corpus.cluster` needs Dask, which is not installed; pip install 'buglab[cluster]'") from None
    with _client(cluster, min(workers, len(tasks))) as client:
        shared = client.scatter(guard, broadcast=True)
        running = [client.submit(make_shard, task, folder.resolve(), shared, pure=False) for task in tasks]
        try:
            for future in as_completed(running):
                yield int(future.result())
        except KilledWorker as error:
            sentence = f"a shard killed more than {_RETRIES} workers (out of memory?); finished shards stay in {folder}"
            raise BuildStopped(f"{sentence}: run it again with more memory for each worker") from error


def _client(cluster: str, workers: int) -> Client:
    import dask
    from distributed import Client, LocalCluster

    dask.config.set({"distributed.scheduler.allowed-failures": _RETRIES})
    if cluster == LOCAL:
        return Client(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None))
    try:
        return Client(cluster, timeout=_ANSWER_S)
    except (OSError, ValueError) as error:
        raise BuildStopped(
            f"{cluster}: no Dask scheduler answers there ({error}); start one, or use `corpus.cluster=local`"
        ) from None
