"""The benchmark runs and ends with the figures that others read; what they are depends on the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_last_line_is_json(model: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "scan.py", "--model", model, "--repeat", "1"]
    ran = subprocess.run(
        [*command, Path(sysconfig.get_paths()["stdlib"]) / "heapq.py"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert {"lines_per_cpu_s", "version_cpu_ms", "environment_mb", "commit_cpu_s", "unchanged_cpu_s"} <= set(figures)
    assert figures["lines"] > 500
    assert figures["environment_mb"] > 20
    assert figures["peak_mb"] > 20


def test_a_huge_file_is_measured() -> None:
    command = [sys.executable, ROOT / "benchmarks" / "load.py", "--lines", "0", "--file-lines", "700", "-j", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert (figures["one_file_lines"], figures["one_file_not_analysed"]) == (700, 0)
    assert 20 < figures["one_file_largest_mb"] <= figures["one_file_peak_mb"]
