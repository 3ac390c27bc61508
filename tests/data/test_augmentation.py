from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest

from buglab.data.augmentation import rewritten
from buglab.data.corpus import build
from buglab.data.dataset import Corpus
from buglab.data.functions import functions
from buglab.data.heldout import Guard
from buglab.data.report import REPORT, CorpusReport
from buglab.graph.schema import ARRAYS

from .conftest import STDLIB, small

COPIES = 2


@pytest.fixture(scope="module")
def augmented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus with rewritten copies."""
    folder = tmp_path_factory.mktemp("augmented")
    build(small(folder, augment=COPIES))
    return folder


def units(folder: Path, split: str) -> tuple[Counter[object], Counter[object]]:
    """(project, path, kind, name, rows) of originals and of rewritten copies, with how many windows or copies there are."""
    corpus = Corpus(folder)
    found: tuple[Counter[object], Counter[object]] = (Counter(), Counter())
    for shard, row in corpus.rows(split).tolist():
        header, record = corpus.shards[shard].header, corpus.shards[shard].record(row)
        entry = header.files[record.file]
        original = header.files[header.copies.get(record.file, record.file)]
        assert (entry.path, entry.licence, entry.project) == (original.path, original.licence, original.project)
        unit = (header.projects[entry.project].name, entry.path, record.kind, record.name, record.first_row, record.last_row)
        found[record.file in header.copies][unit] += 1
    return found


def test_copies_are_added_to_what_there_was(corpus: Path, augmented: Path) -> None:
    before, none = units(corpus, "train")
    originals, copies = units(augmented, "train")
    assert not none
    assert originals == before
    assert set(copies) < set(originals)
    assert len(copies) > len(originals) / 2
    assert max(copies.values()) == COPIES


def test_what_judges_has_none(corpus: Path, augmented: Path) -> None:
    for split in ("valid", "test"):
        assert units(augmented, split) == units(corpus, split)
    names = [set(Corpus(folder).manifest.shards) for folder in (corpus, augmented)]
    kept = names[0] & names[1]
    assert {name.partition("-")[0] for name in kept} == {"valid", "test"}, "shards of other splits need not be made again"
    for name in kept:
        assert (corpus / name).read_bytes() == (augmented / name).read_bytes()


def test_the_report_counts_them(corpus: Path, augmented: Path) -> None:
    plain, report = (msgspec.json.decode((folder / REPORT).read_bytes(), type=CorpusReport) for folder in (corpus, augmented))
    assert report.splits["train"].copies == units(augmented, "train")[1].total()
    assert report.splits["train"].graphs == plain.splits["train"].graphs + report.splits["train"].copies
    assert (report.files, report.lines) == (plain.files, plain.lines)
    assert not report.files_failed
    reasons = ("exact duplicates", "near duplicates", "rewritten copies of what is left out")
    removed = sum(report.functions_dropped.get(reason, 0) for reason in reasons)
    assert report.graphs == sum(split.graphs for split in report.splits.values()) + removed
    assert "copies" in report.fields()
    assert "copies" not in plain.fields()


def test_the_same_text_gives_the_same_copies_and_other_numbers_others(guard: Guard) -> None:
    original = functions((STDLIB / "heapq.py").read_bytes(), 0, guard, 1024)
    one, again, other = (rewritten(original, number, 1, 1024) for number in (0, 0, 1))
    assert one.counts == again.counts
    assert one.graphs
    for (graph, record, signature), (same, like, _) in zip(one.graphs, again.graphs, strict=True):
        assert record == like
        assert signature is None
        assert all(np.array_equal(getattr(graph, name), getattr(same, name)) for name in ARRAYS)
    assert {record.digest for _, record, _ in one.graphs} != {record.digest for _, record, _ in other.graphs}
    assert not {record.digest for _, record, _ in one.graphs} & {record.digest for _, record, _ in original.graphs}


def test_held_out_functions_have_no_copies() -> None:
    data = (STDLIB / "heapq.py").read_bytes()
    every = functions(data, 0, Guard.parse(""), 1024)
    names = {record.name for _, record, _ in rewritten(every, 0, 1, 1024).graphs}
    digest = {record.name: record.digest for _, record, _ in every.graphs}
    held = {"merge", "nlargest"}
    assert held < names
    known = functions(data, 0, Guard.parse("", [digest[name] for name in held]), 1024)
    assert {record.name for _, record, _ in rewritten(known, 0, 1, 1024).graphs} == names - held
    whole = functions(data, 0, Guard.parse("", digest.values()), 1024)
    assert not rewritten(whole, 0, 1, 1024).graphs


def test_copies_go_where_their_originals_go(tmp_path: Path) -> None:
    """Nearly equal functions in two files: the second goes, and its copies with it."""
    text = (STDLIB / "textwrap.py").read_text(encoding="utf-8")
    for name, content in {"a.py": text, "b.py": text.replace("has_splittable_chunk = ", "other = ")}.items():
        (tmp_path / "code").mkdir(exist_ok=True)
        (tmp_path / "code" / name).write_text(content, encoding="utf-8")
    settings = {"stdlib": False, "folders": [str(tmp_path / "code")], "valid": [], "test": []}
    report = build(small(tmp_path / "out", augment=1, **settings))
    originals, copies = units(tmp_path / "out", "train")
    assert report.functions_dropped["rewritten copies of what is left out"] > 10
    assert set(copies) <= set(originals)
    assert {path for _, path, *_ in copies} == {"a.py"}


def test_a_number_below_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="augment"):
        build(small(tmp_path, augment=-1))
