"""Freed memory does not stay with a process that lives on."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from buglab.scan.memory import give_back


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked to give memory back")
def test_what_is_free_goes_back_though_something_behind_it_is_in_use() -> None:
    blocks = [bytes(2_000) for _ in range(50_000)]
    last = blocks[-1]
    del blocks
    before = resident()
    give_back()
    assert before - resident() > 50_000_000
    assert len(last) == 2_000
