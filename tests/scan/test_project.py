"""What a scan shows of other files of a project, however the file comes to be scanned."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.scan.buffers import Buffers
from buglab.scan.changes import since
from buglab.scan.engine import Engine
from buglab.scan.files import find_files, named_file

from .little_shop import RIGHT, TILL, WRONG, found, put, reach, swap, told
from .repository import Repository


def test_the_signature_of_an_imported_callee_decides(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buglab.scan.analysis.WORTH", -20.0)  # however little the detector makes of it
    right = swap(shop / "shop/till.py", told(shop))
    put(shop, {"shop/ledger.py": WRONG})
    wrong = swap(shop / "shop/till.py", told(shop))
    assert wrong > right + 3
    (finding,) = found(shop / "shop/till.py", told(shop, select=("BL401",)))
    assert finding.fix is not None
    assert [edit.content for edit in finding.fix.edits] == ["seller, buyer"]
    assert "the parameters are called `seller` and `buyer`, in this order" in finding.evidence
    (shop / "shop/ledger.py").unlink()
    assert swap(shop / "shop/till.py", told(shop)) < wrong


def test_every_way_to_a_file_shows_its_project(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in several processes, the working directory elsewhere, standard input, an editor's text."""
    put(shop, {"shop/ledger.py": WRONG, "pyproject.toml": "[tool.buglab]\nmin-confidence = 0.0\nselect = ['BL401']\n"})
    till, settings = shop / "shop/till.py", told(shop, select=("BL401",), jobs=2, cache=False)
    alone = swap(till, settings)
    reports = list(Engine.prepare(settings).scan(find_files([shop], settings)))
    scores = [finding.score for report in reports for finding in report.findings if finding.filename.endswith("till.py")]
    monkeypatch.chdir(shop / "shop")
    (given,) = Engine.prepare(settings).scan([named_file(Path("till.py"), settings, TILL.encode())])
    scores += [finding.score for finding in given.findings]
    report = Buffers().scan(till, TILL)
    assert report is not None
    scores += [finding.score for finding in report.findings]
    assert scores == [pytest.approx(alone, abs=1e-4)] * 3


def test_an_editor_is_told_of_what_changed_beside_it(shop: Path) -> None:
    put(shop, {"pyproject.toml": "[tool.buglab]\nmin-confidence = 0.0\nselect = ['BL401']\n"})
    buffers = Buffers()
    scores = []
    for text in (RIGHT, WRONG, RIGHT):
        put(shop, {"shop/ledger.py": text})
        report = buffers.scan(shop / "shop/till.py", TILL)
        assert report is not None
        scores += [finding.score for finding in report.findings]
    assert scores[1] is not None
    assert scores[0] is not None
    assert scores[1] > scores[0] + 3
    assert scores[2] == scores[0]


def test_the_project_of_a_file_is_the_nearest_one(shop: Path) -> None:
    put(shop, {"part/setup.py": "", "part/src/goods/__init__.py": "", "part/tests/use.py": ""})
    assert reach(shop, "part/tests/use.py").module("goods") is not None
    (shop / "part/setup.py").unlink()
    assert reach(shop, "part/tests/use.py").module("goods") is None


def test_what_was_before_is_seen_with_what_is_there_now(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "work")
    put(repository.folder, {"shop/__init__.py": "", "shop/till.py": TILL, "shop/ledger.py": RIGHT})
    repository.commit()
    put(repository.folder, {"shop/till.py": TILL.replace("transfer(buyer, seller", "transfer(seller, buyer")})
    settings = told(repository.folder, select=("BL401",))
    files = since(find_files([repository.folder], settings), "HEAD")
    for _ in range(2):
        (report,) = Engine.prepare(settings).scan(files)
        (finding,) = report.findings
        assert finding.fix is not None
        assert [edit.content for edit in finding.fix.edits] == ["buyer, seller"]
