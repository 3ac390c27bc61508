"""A project of two modules, in which the signature of one decides what is found in the other; and ways to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from buglab.rewrites.project import Reach
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.files import find_files
from buglab.scan.finding import Finding
from buglab.scan.project import Projects

TILL = """\
from .ledger import transfer


def refund(buyer, seller, amount):
    if amount > 0:
        transfer(buyer, seller, amount)
    return amount
"""
RIGHT = "def transfer(buyer, seller, amount):\n    book(buyer, seller, amount)\n"
WRONG = RIGHT.replace("buyer, seller", "seller, buyer")


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
