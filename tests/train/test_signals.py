from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from buglab.train.checkpoint import read_state
from buglab.train.main import main

from .conftest import TINY, only_run


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals on Windows")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_ends_cleanly(tiny_home: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "buglab.train.main", *TINY, "tracking=none", "name=stopped", "limits.max_steps=100000"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("step 1 "):
            process.send_signal(number)
            break
    error = "".join(said) + process.stderr.read()
    assert process.wait(timeout=60) == 0, error
    assert f"stopped by {number.name} at step" in error
    (checkpoint,) = (only_run(tiny_home, "stopped") / "checkpoints").glob("step-*")
    step = read_state(checkpoint).step
    assert main(["name=stopped", "resume=last", f"limits.max_steps={step + 1}"]) == 0
