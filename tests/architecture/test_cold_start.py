"""Commands that only print start without the libraries that cost time."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numpy", "libcst", "torch", "onnxruntime", "hydra", "omegaconf", "mlflow", "torch_geometric", "accelerate", "rich")


@pytest.mark.parametrize(
    ("entry", "arguments"),
    [
        ("main", ["--version"]),
        ("main", ["--help"]),
        ("main", ["scan", "--help"]),
        ("main", ["rules"]),
        ("bug_scan", ["--version"]),
        ("bug_scan", ["--help"]),
    ],
)
def test_heavy_libraries_stay_unimported(entry: str, arguments: list[str]) -> None:
    program = (
        "import sys\n"
        f"from buglab.cli.main import {entry} as entry\n"
        f"sys.argv = ['program', *{arguments!r}]\n"
        "try:\n    entry()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"print('imported:', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1].strip() == "imported:"
