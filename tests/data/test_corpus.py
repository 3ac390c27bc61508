from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import msgspec
import pytest

from buglab.data.corpus import build
from buglab.data.dataset import Corpus
from buglab.data.report import PAGE, REPORT, CorpusReport
from buglab.data.shards import ShardReader

from .conftest import small


def test_the_report_adds_up(corpus: Path) -> None:
    report = msgspec.json.decode((corpus / REPORT).read_bytes(), type=CorpusReport)
    opened = Corpus(corpus)
    assert report.files == 6
    assert {name: split.graphs for name, split in report.splits.items()} == {
        name: len(opened.split(name)) for name in report.splits
    }
    kept = sum(split.graphs for split in report.splits.values())
    assert sum(report.kinds.values()) == kept == sum(report.licences.values())
    assert sum(report.sites.values()) == sum(split.sites for split in report.splits.values())
    removed = report.functions_dropped
    assert report.graphs == kept + removed.get("exact duplicates", 0) + removed.get("near duplicates", 0)
    assert list(report.licences) == ["PSF-2.0"]
    assert not report.failures


def test_the_page_shows_the_figures_and_loads_nothing(corpus: Path) -> None:
    report = msgspec.json.decode((corpus / REPORT).read_bytes(), type=CorpusReport)
    page = (corpus / PAGE).read_text(encoding="utf-8")
    assert report.projects == {"cpython": sum(report.kinds.values())}
    assert sum(report.lengths.values()) <= report.kinds["function"]
    for name, count in [*report.sites.items(), *report.functions_dropped.items(), *report.lengths.items()]:
        assert f"<td>{name}</td><td>{count:,}</td>" in page
    assert "http" not in page
    assert "<script" not in page


def test_nothing_but_the_corpus_is_in_its_folder(corpus: Path) -> None:
    names = {path.name for path in corpus.iterdir()}
    shards = set(Corpus(corpus).manifest.shards)
    assert names == shards | {"corpus.json", "kept.npy", "report.json", "report.html"}
    assert len(shards) >= 4


def test_finished_shards_are_kept_and_damaged_ones_made_again(tmp_path: Path) -> None:
    config = small(tmp_path)
    build(config)
    before = {path: path.read_bytes() for path in tmp_path.glob("*.shard")}
    times = {path: path.stat().st_mtime_ns for path in before}
    damaged, missing, *rest = sorted(before)
    damaged.write_bytes(before[damaged][:1000])
    missing.unlink()
    (tmp_path / "corpus.json").unlink()
    build(config)
    assert {path: path.read_bytes() for path in tmp_path.glob("*.shard")} == before
    assert all(path.stat().st_mtime_ns == times[path] for path in rest)


def test_other_settings_make_other_shards(tmp_path: Path) -> None:
    build(small(tmp_path))
    before = set(Corpus(tmp_path).manifest.shards)
    build(small(tmp_path, node_limit=200))
    after = set(Corpus(tmp_path).manifest.shards)
    assert not before & after
    assert {path.name for path in tmp_path.glob("*.shard")} == after


def test_processes_make_the_same_corpus(corpus: Path, tmp_path: Path) -> None:
    build(small(tmp_path, workers=2))
    for name in Corpus(corpus).manifest.shards:
        assert (tmp_path / name).read_bytes() == (corpus / name).read_bytes()
    assert (tmp_path / "kept.npy").read_bytes() == (corpus / "kept.npy").read_bytes()


def test_a_killed_build_leaves_whole_shards_and_no_workers_and_is_finished_later(corpus: Path, tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        from buglab.data.config import CorpusConfig
        from buglab.data.corpus import build
        if __name__ == "__main__":
            build(CorpusConfig(**{vars(small(tmp_path, workers=2))!r}))
        """
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    process = subprocess.Popen([sys.executable, str(script)], start_new_session=True, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("*.shard")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while _group_lives(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _group_lives(process.pid)
    found = list(tmp_path.glob("*.shard"))
    assert found
    assert all(len(ShardReader(path)) for path in found)
    build(small(tmp_path))
    assert Corpus(tmp_path).manifest == Corpus(corpus).manifest


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"valid": ["cpython/nonsense"]}, "cpython/nonsense"),
        ({"valid": ["cpython/shlex"], "test": ["cpython/shlex"]}, "cannot be in valid and in test"),
        ({"stdlib": False, "stdlib_only": [], "valid": [], "test": []}, "names no source"),
        ({"stdlib_only": ["nonsense.py"], "valid": [], "test": []}, "nonsense.py"),
    ],
)
def test_configurations_that_cannot_be_meant_are_refused(tmp_path: Path, settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        build(small(tmp_path, **settings))
    assert not (tmp_path / "corpus.json").exists()
