"""What the parser has freed goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import libcst
from pathlib import Path
from buglab.rewrites.freed import LARGE, give_back

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

text = "value = function(value, 1)\\n" * (LARGE // 27 + 1)
tree = libcst.parse_module(text)
before = resident_mb()
give_back(text[:LARGE])
between = resident_mb()
give_back(text)
print(before - between, between - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc" or sys.platform != "linux", reason="only glibc keeps it, and can be told")
def test_after_a_large_text_only() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    small, large = map(float, ran.stdout.split())
    assert small < 5
    assert large > 20
