"""One scan is one thread a worker: the matrix library hears of it before it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import importlib.abc, os, sys

class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            print("threads:", os.environ.get("OPENBLAS_NUM_THREADS"), file=sys.stderr)

sys.meta_path.insert(0, Watch())
from buglab.cli.main import bug_scan
sys.argv = ["bug-scan", sys.argv[1]]
bug_scan()
"""


def test_numpy_is_imported_after_threads_are_limited(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("def f(a, b):\n    return a\n")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file)], env=environment, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert [line for line in done.stderr.splitlines() if line.startswith("threads:")] == ["threads: 1"], done.stderr
