"""What the detector said about a file is kept as long as the same would be seen of its project, and no longer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from buglab.rewrites.project import Outlines
from buglab.scan.engine import Engine
from buglab.scan.files import find_files
from buglab.scan.judge import FileReport
from buglab.scan.project import Projects, seen

from .little_shop import RIGHT, TILL, WRONG, nothing_analysed, put, swap, told

NAMES = ("one", "two", "three", "sub", "five")
EDITS = 12


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


def _scores(report: FileReport) -> list[tuple[str, str, str, float]]:
    return [(report.shown, finding.function, finding.code, finding.score or 0.0) for finding in report.findings]
