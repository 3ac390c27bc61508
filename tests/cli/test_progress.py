"""The progress bar, on a real terminal and away from one."""

from __future__ import annotations

import io
import os
import pty
import sys
from typing import TextIO

import pytest

from buglab.cli import progress
from buglab.cli.progress import Progress


def _all_of(ours: int, until: TextIO) -> str:
    """What was written to the terminal: one read may return less than that, so read up to a last mark."""
    mark = "(all)"
    until.write(mark)
    until.flush()
    shown = b""
    while not shown.endswith(mark.encode()):
        shown += os.read(ours, 10_000)
    return shown.decode().removesuffix(mark)


def test_on_a_terminal_it_counts_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(progress, "DELAY", 0.0)
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress(2) as bar:
            bar.advance()
            bar.clear()
            terminal.write("a note\n")
            bar.advance()
        shown = _all_of(ours, until=terminal)
    os.close(ours)
    assert "1/2 files\r\x1b[2Ka note" in shown
    assert shown.endswith(f"{'━' * progress.WIDTH} 2/2 files\r\x1b[2K")


def test_elsewhere_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.0)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(1) as bar:
        bar.advance()
    assert stream.getvalue() == ""


def test_terminals_that_cannot_draw_it_are_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(progress, "DELAY", 0.0)
    with os.fdopen(theirs, "w", encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress(1) as bar:
            bar.advance()
        assert not bar.shown
    os.close(ours)
