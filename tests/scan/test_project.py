"""What a scan shows of other files of a project: the right thing, as long as it is there, and nothing outside of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from buglab.rewrites.project import Outlines, Reach
from buglab.scan import project
from buglab.scan.buffers import Buffers
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.files import find_files, named_file
from buglab.scan.finding import Finding
from buglab.scan.judge import FileReport
from buglab.scan.project import Projects, seen

from .repository import Repository

TILL = """\
from .ledger import transfer


def refund(buyer, seller, amount):
    if amount > 0:
        transfer(buyer, seller, amount)
    return amount
"""
RIGHT = "def transfer(buyer, seller, amount):\n    book(buyer, seller, amount)\n"
WRONG = RIGHT.replace("buyer, seller", "seller, buyer")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The top of a project with one package."""
    put(tmp_path / "work", {"pyproject.toml": "", "shop/__init__.py": "", "shop/till.py": TILL, "shop/ledger.py": RIGHT})
    return tmp_path / "work"


def put(top: Path, files: dict[str, str | bytes]) -> None:
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def told(top: Path, **settings: object) -> Settings:
    return Settings(root=top, min_confidence=0.0, **settings)  # type: ignore[arg-type]


def found(path: Path, settings: Settings) -> list[Finding]:
    (report,) = Engine.prepare(settings).scan(find_files([path], settings))
    return list(report.findings)


def swap(path: Path, settings: Settings) -> float:
    """Log-odds that arguments in the only function of ``path`` are swapped, by the detector in the package."""
    (finding,) = found(path, replace(settings, select=("BL401",)))
    assert finding.score is not None
    return finding.score


def reach(top: Path, name: str) -> Reach:
    """What the file with this name reaches."""
    found = Projects().around(find_files([top / name], told(top))[0]).project
    assert found is not None
    return found


def functions(top: Path, module: str) -> list[str]:
    """Those of a module that the till could import."""
    there = reach(top, "shop/till.py").module(module)
    return [] if there is None else [*there.outline.functions]


@contextmanager
def nothing_analysed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(self: Engine, files: object) -> None:
        raise AssertionError(f"analysed: {files}")

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "_analyse", refuse)
        yield


def test_the_signature_of_an_imported_callee_decides(shop: Path) -> None:
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


def test_what_is_known_holds_while_the_same_would_be_seen(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(shop)
    (till,) = find_files([shop / "shop/till.py"], settings)
    first = list(Engine.prepare(settings).scan([till]))
    with nothing_analysed(monkeypatch):
        assert list(Engine.prepare(settings).scan([till])) == first
        put(shop, {"shop/ledger.py": RIGHT + "\n    return None\n\ndef other(a):\n    return a\n"})
        assert list(Engine.prepare(settings).scan([till])) == first
        with monkeypatch.context() as patch:  # the other content was noted, so that it is not parsed again
            patch.setattr(Outlines, "of", None)
            assert list(Engine.prepare(settings).scan([till])) == first
    put(shop, {"shop/ledger.py": WRONG})
    with nothing_analysed(monkeypatch), pytest.raises(AssertionError, match=r"analysed: .*till\.py"):
        list(Engine.prepare(settings).scan([till]))
    again = list(Engine.prepare(settings).scan([till]))
    assert again == list(Engine.prepare(replace(settings, cache=False)).scan([till])) != first


@pytest.mark.parametrize(
    "change",
    [
        {"shop/ledger.py": WRONG},
        {"shop/ledger.py": RIGHT.replace("amount", "sum")},
        {"shop/ledger.py": RIGHT + "    return seller\n"},
        {"shop/ledger.py": "class transfer:\n    def __init__(self, buyer, seller, amount): pass\n"},
        {"shop/ledger.py": "from .books import transfer\n"},
        {"shop/ledger/__init__.py": RIGHT},
        {"shop/ledger.py": "\n"},
        {"shop/ledger.py": None},
    ],
)
def test_other_facts_are_noticed(shop: Path, change: dict[str, str | None]) -> None:
    (till,) = find_files([shop / "shop/till.py"], told(shop))
    assert till.data is None
    around = Projects().around(till)
    assert around.project is not None
    module = around.project.module("shop.ledger")
    assert module is not None
    assert module.find("transfer") is not None
    before = seen(around)
    assert Projects().renewed(till, before) == before
    for name, text in change.items():
        if text is None:
            (shop / name).unlink()
        else:
            put(shop, {name: text})
    assert Projects().renewed(till, before) is None


def test_the_same_text_elsewhere_means_something_else(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(shop, {"trade/__init__.py": "", "trade/till.py": TILL, "trade/ledger.py": WRONG})
    settings = told(shop)
    scores = [swap(shop / name, settings) for name in ("shop/till.py", "trade/till.py")]
    assert scores[1] > scores[0] + 3
    with nothing_analysed(monkeypatch):
        assert [swap(shop / name, settings) for name in ("shop/till.py", "trade/till.py")] == scores


def test_the_project_of_a_file_is_the_nearest_one(shop: Path) -> None:
    put(shop, {"part/setup.py": "", "part/src/goods/__init__.py": "", "part/tests/use.py": ""})
    assert reach(shop, "part/tests/use.py").module("goods") is not None
    (shop / "part/setup.py").unlink()
    assert reach(shop, "part/tests/use.py").module("goods") is None


def test_what_was_before_is_seen_with_what_is_there_now(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "work")
    put(repository.folder, {"shop/__init__.py": "", "shop/till.py": TILL, "shop/ledger.py": RIGHT})
    repository.commit()
    from buglab.scan.changes import since

    put(repository.folder, {"shop/till.py": TILL.replace("transfer(buyer, seller", "transfer(seller, buyer")})
    settings = told(repository.folder, select=("BL401",))
    files = since(find_files([repository.folder], settings), "HEAD")
    for _ in range(2):
        (report,) = Engine.prepare(settings).scan(files)
        (finding,) = report.findings
        assert finding.fix is not None
        assert [edit.content for edit in finding.fix.edits] == ["buyer, seller"]


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
    assert len({(report.lines, report.findings[0].score) for report in reports}) == 1
    assert not [finding for report in reports for finding in report.findings if finding.code == "BL000"]
    for number, text in enumerate(HOSTILE.values()):  # now they are looked at on an ordinary stack
        put(shop, {f"shop/m{number}.py": (text.encode() if isinstance(text, str) else text) + b"\n"})
    assert list(Engine.prepare(settings).scan(files)) == reports


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


def _module(dice: Random, name: str) -> str:
    """Imports of other modules, in ways that may lead nowhere or in circles, and things that use what they bring."""
    others = dice.sample([other for other in NAMES if other != name], 3)
    lines = [
        dice.choice(
            [
                f"from {dice.choice(['.', 'pkg.', 'pkg.sub.'])}{other} import {dice.choice(['f', 'C', 'N', '*'])}",
                f"import pkg.{other} as {other}",
                f"from . import {other}",
                "",
            ]
        )
        for other in others
    ]
    lines += [f"def f({', '.join(dice.sample('abcd', 3))}): return {dice.choice('abcd')}"] * dice.randint(0, 1)
    lines += [f"N = {dice.randint(0, 3)}"] * dice.randint(0, 1)
    if dice.random() < 0.5:
        base = dice.choice(["", "(C)", f"({others[0]}.C)", "(f)"])
        lines += [f"class {dice.choice('CD')}{base}:", f"    def go(self, {', '.join(dice.sample('abc', 2))}): self.go(a, b)"]
    lines += ["def use(a, b, c):", f"    f(a, b, c), C(a, b), {others[1]}.f(b, c, a), C.go(a, b)", "    return a + N"]
    return "\n".join(lines) + "\n"


NAMES = ("one", "two", "three", "sub", "five")
EDITS = 12


def test_what_is_kept_is_what_a_scan_without_memory_says(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However modules come, go and change."""
    monkeypatch.setattr("buglab.scan.pool.start_method", lambda: "spawn")  # so that everything happens in this process
    dice = Random(1)
    put(tmp_path, {"pkg/__init__.py": "", "pyproject.toml": ""} | {f"pkg/{name}.py": _module(dice, name) for name in NAMES})
    settings = told(tmp_path, model=model, jobs=1)
    engines = [Engine.prepare(settings), Engine.prepare(replace(settings, cache=False))]
    for _ in range(EDITS):
        name = dice.choice([*NAMES, "__init__", "sub/__init__", "sub/one"])
        path = tmp_path / f"pkg/{name}.py"
        if path.exists() and dice.random() < 0.2:
            path.unlink()
        elif dice.random() < 0.3 and path.exists():
            path.write_text(path.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
        else:
            put(tmp_path, {f"pkg/{name}.py": _module(dice, name.rpartition("/")[2])})
        files = find_files([tmp_path], settings)
        kept, fresh = ([one for report in engine.scan(files) for one in _scores(report)] for engine in engines)
        assert [one[:-1] for one in kept] == [one[:-1] for one in fresh]
        # the last digits differ with what else is scored at the same time
        assert [one[-1] for one in kept] == pytest.approx([one[-1] for one in fresh], abs=1e-4)


def _scores(report: FileReport) -> list[tuple[str, str, str, float]]:
    return [(report.shown, finding.function, finding.code, finding.score or 0.0) for finding in report.findings]
