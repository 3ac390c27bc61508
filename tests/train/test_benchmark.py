"""The benchmark of training runs on a built corpus and ends with the figures that others read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_last_line_is_json(tiny_corpus: Path) -> None:
    size = ["--batches", "1", "--repeat", "1", "--hidden", "32", "--layers", "1", "--nodes", "1200"]
    command = [sys.executable, ROOT / "benchmarks" / "training.py", "--corpus", tiny_corpus, *size]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert 0 < figures["functions_per_cpu_s"] < figures["limit_functions_per_cpu_s"]
    assert figures["functions"] > 2
    assert figures["precision"] in ("fp32", "bf16")
