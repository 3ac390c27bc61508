from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buglab.train.checkpoint import TENSORS, Checkpoints, read_state
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


def test_a_killed_run_goes_on_bit_for_bit(tiny_home: Path) -> None:
    """Killed at a random moment, while it writes a checkpoint after every step."""
    steady = [*TINY, "tracking=none", "game.decay_from=1.0", "valid_functions=2"]
    train = [sys.executable, "-m", "buglab.train.main"]  # all of it: another process may be set to other arithmetic
    command = [*train, *steady, "name=killed", "limits.save_minutes=1e-9", "limits.max_steps=100000"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not list((tiny_home / "runs").glob("*-killed/checkpoints/step-00000002")):
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.5))
    finally:
        process.kill()
        process.wait()
    checkpoints = Checkpoints(only_run(tiny_home, "killed") / "checkpoints")
    steps = read_state(checkpoints.all("last")[0]).step + 2
    subprocess.run([*train, "name=killed", "resume=last", f"limits.max_steps={steps}"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([*train, *steady, "name=whole", f"limits.max_steps={steps}"], check=True, stderr=subprocess.DEVNULL)
    one, other = (Checkpoints(only_run(tiny_home, n) / "checkpoints").find("last") for n in ("killed", "whole"))
    assert one
    assert other
    assert (one / TENSORS).read_bytes() == (other / TENSORS).read_bytes()
