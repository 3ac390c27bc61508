"""Builds on a Dask cluster give the same bytes, also when a worker dies; what cannot be written is said."""

from __future__ import annotations

import resource
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from buglab.data.config import CorpusConfig
from buglab.data.corpus import BuildStopped, build
from buglab.data.dataset import Corpus
from buglab.data.extraction import make_shard
from buglab.data.heldout import Guard
from buglab.data.plan import plan
from buglab.data.sources import sources

from .conftest import small

psutil = pytest.importorskip("psutil", reason="it comes with Dask, of the extra `cluster`")
distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")


def same(one: Path, other: Path) -> bool:
    names = {path.name for path in one.iterdir() if path.suffix != ".json"}
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_local_cluster_makes_the_same_corpus_though_a_worker_dies(corpus: Path, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        while not list(tmp_path.glob("*.shard")):
            time.sleep(0.01)
        children = psutil.Process().children(recursive=True)
        worker = next(child for child in children if "multiprocessing.spawn" in " ".join(child.cmdline()))
        worker.send_signal(signal.SIGKILL)
        killed.append(worker.pid)

    threading.Thread(target=kill, daemon=True).start()
    build(small(tmp_path, cluster="local", workers=2))
    assert killed
    assert same(corpus, tmp_path)


def test_a_cluster_is_found_by_its_address(corpus: Path, tmp_path: Path) -> None:
    for name in Corpus(corpus).manifest.shards[1:]:
        (tmp_path / name).write_bytes((corpus / name).read_bytes())
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        build(small(tmp_path, cluster=cluster.scheduler_address))
    assert same(corpus, tmp_path)


def test_a_scheduler_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buglab.data.workers._ANSWER_S", 0.2)
    with pytest.raises(BuildStopped, match=r"127\.0\.0\.1:9: no Dask scheduler answers there"):
        build(small(tmp_path, cluster="tcp://127.0.0.1:9"))


def test_workers_of_other_versions_are_refused(tmp_path: Path, guard: Guard) -> None:
    config = small(tmp_path)
    task = plan(sources(config, guard), config)[0]
    with pytest.raises(BuildStopped, match=r"a worker has libcst \S+ instead of 0\.1; all workers"):
        make_shard(replace(task, versions=task.versions | {"libcst": "0.1"}), tmp_path, guard)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_stops_the_build_with_a_sentence_and_loses_nothing(corpus: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the same error comes from the same call."""
    sizes = sorted((corpus / name).stat().st_size for name in Corpus(corpus).manifest.shards)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (sizes[-2], limits[1]))
    try:
        with pytest.raises(BuildStopped, match=r"cannot be written \(File too large\); finished shards are kept: make room"):
            build(small(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.glob(".*"))
    build(small(tmp_path))
    assert same(corpus, tmp_path)


def test_files_that_cannot_be_read_are_counted(tmp_path: Path, guard: Guard) -> None:
    code = tmp_path / "code"
    code.mkdir()
    for name in ("a.py", "b.py"):
        (code / name).write_text("def f(a, b):\n    return a + b\n")
    config = CorpusConfig(name="c", folders=[str(code)], output=str(tmp_path / "out"), workers=1)
    tasks = plan(sources(config, guard), config)
    (code / "a.py").unlink()
    (tmp_path / "out").mkdir()
    make_shard(tasks[0], tmp_path / "out", guard)
    from buglab.data.shards import ShardReader

    header = ShardReader(tmp_path / "out" / tasks[0].name).header
    assert header.counts["failed: cannot be read"] == header.counts["files"] == 1
    assert header.failures[0][0] == "a.py"
    assert "No such file" in header.failures[0][1]
