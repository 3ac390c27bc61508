"""Strange, huge and hostile modules, and others that lie elsewhere: none is shown or run, and what they cost is bounded."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from buglab.rewrites.project import Outlines
from buglab.scan import project
from buglab.scan.engine import Engine
from buglab.scan.files import find_files
from buglab.scan.judge import FileReport

from .little_shop import RIGHT, TILL, WRONG, functions, put, reach, swap, told

HOSTILE: dict[str, str | bytes] = {
    "broken": "def transfer(:\n",
    "null": b"def transfer(a): pass\n\0",
    "encoding": b"# coding: klingon\ndef transfer(a): pass\n",
    "not utf-8": b"def transfer(a\xff): pass\n",
    "rot13": b"# coding: rot13\nqrs genafsre(n): cnff\n",
    "huge": "def transfer(a): pass\n" + "x = 1\n" * 200_000,
    "brackets": "x = " + "(" * 50_000,
    "signs": "x = " + "-" * 100_000 + "1\n",
    "attributes": "x = a" + ".a" * 100_000 + "\n",
    "powers": "x = " + "1**" * 50_000 + "1\n",
    "branches": "if a: pass\n" + "elif a: pass\n" * 5_000,
    "indentation": "".join(" " * depth + "if a:\n" for depth in range(99)) + " " * 99 + "pass\n",
    "annotation": "class C:\n    x: " + "a[" * 150 + "]" * 150 + "\n",
    "itself": "from .m13 import *\n",
    "circle": "from .m14 import transfer\n",
}


def test_strange_modules_say_nothing_and_stop_nothing(shop: Path) -> None:
    use = TILL + "\nclass Till(transfer):\n    def go(self): self.go()\n"
    for number, text in enumerate(HOSTILE.values()):
        put(shop, {f"shop/m{number}.py": text, f"shop/use{number}.py": use.replace(".ledger", f".m{number}")})
    settings = told(shop)
    files = find_files(sorted((shop / "shop").glob("use*.py")), settings)
    reports = list(Engine.prepare(settings).scan(files))
    assert len(reports) == len(HOSTILE)
    assert len(said(reports)) == 1
    assert not [finding for report in reports for finding in report.findings if finding.code == "BL000"]
    for number, text in enumerate(HOSTILE.values()):  # now they are looked at on an ordinary stack
        put(shop, {f"shop/m{number}.py": (text.encode() if isinstance(text, str) else text) + b"\n"})
    assert said(Engine.prepare(settings).scan(files)) == said(reports)


def said(reports: Iterable[FileReport]) -> set[tuple[object, ...]]:
    """What the reports say; a score's last digits depend on what was scored beside it."""
    return {(r.lines, *((f.code, f.location, round(f.score or 0.0, 3)) for f in r.findings)) for r in reports}


def test_nothing_outside_of_the_project_is_read(shop: Path) -> None:
    put(shop.parent / "outside", {"ledger.py": WRONG, "__init__.py": "", "books.py": WRONG})
    put(shop, {"kept/ledger.py": WRONG})
    ledger = shop / "shop/ledger.py"
    assert functions(shop, "shop.ledger") == ["transfer"]
    for make in (
        lambda: ledger.symlink_to(shop.parent / "outside/ledger.py"),
        lambda: ledger.symlink_to("../../outside/ledger.py"),
        lambda: ledger.symlink_to("ledger.py"),
        lambda: ledger.symlink_to("nowhere.py"),
        lambda: os.mkfifo(ledger),
    ):
        ledger.unlink()
        make()
        assert functions(shop, "shop.ledger") == []
    ledger.unlink()
    ledger.symlink_to("../kept/ledger.py")
    assert functions(shop, "shop.ledger") == ["transfer"], "a link may lead to another place of the project"
    (shop / "shop/away").symlink_to(shop.parent / "outside")
    assert functions(shop, "shop.away.books") == []
    for name in ("..outside.books", ".etc.passwd", "shop/ledger", "", "shop.\0"):
        assert functions(shop, name) == []


def test_nothing_is_imported_or_run(shop: Path) -> None:
    ran = shop / "ran"
    put(shop, {"shop/ledger.py": f"open({str(ran)!r}, 'w')\n{WRONG}", "shop/__init__.py": f"open({str(ran)!r}, 'w')\n"})
    put(shop, {"ast.py": f"open({str(ran)!r}, 'w')\n", "numpy.py": f"open({str(ran)!r}, 'w')\n"})
    swap(shop / "shop/till.py", told(shop))
    assert not ran.exists()
    assert "shop" not in sys.modules


def test_outlines_of_others_are_made_once_and_only_where_imports_lead_to_them(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(shop, {"shop/door.py": TILL.replace("refund", "open"), "shop/unused.py": "def f(): pass\n"})
    put(shop, {"shop/plain.py": "import os\n\ndef g(a):\n    return os.path.join(a)\n"})
    made: list[str] = []
    outline = project.Outlines.of.__globals__["outline"]
    monkeypatch.setitem(project.Outlines.of.__globals__, "outline", lambda text: made.append(text) or outline(text))
    settings = told(shop, jobs=1, cache=False)
    monkeypatch.setattr("buglab.scan.pool.start_method", lambda: "spawn")  # so that it happens in this process
    files = [shop / "shop" / name for name in ("door.py", "till.py", "plain.py")]
    list(Engine.prepare(settings).scan(find_files(files, settings)))
    assert made.count(RIGHT) == 1
    assert len(made) == 4, "the three files themselves and what two of them import"


def test_what_one_file_may_reach_is_bounded(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, value, known in (("MAX_MODULES", 3, 3), ("MAX_REACHED", 3 * len(RIGHT), 3)):
        monkeypatch.setattr(f"buglab.rewrites.project.{limit}", value)
        put(shop, {f"shop/m{number}.py": RIGHT for number in range(10)})
        found = reach(shop, "shop/till.py")
        modules = [found.module(f"shop.m{number}") for number in range(10)]
        assert [bool(module and module.outline.functions) for module in modules] == [True] * known + [False] * (10 - known)


def test_outlines_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buglab.rewrites.project.MAX_KEPT", 1_000)
    outlines = Outlines()
    texts = [f"def f{number}(): pass\n" + "#" * 200 for number in range(20)]
    made = [outlines.of(text) for text in texts]
    assert [outlines.of(text) is one for text, one in zip(texts[-4:], made[-4:], strict=True)] == [True] * 4
    assert outlines.of(texts[0]) is not made[0]
