"""Two processes under torchrun take the steps that one process takes on both their batches, and resume bit for bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from buglab.train.checkpoint import TENSORS, read_state
from buglab.train.main import main
from buglab.train.replicas import Replicas

from . import pair
from .conftest import TINY, only_run


@pytest.mark.skipif(os.name == "nt", reason="torchrun with gloo is for Linux and macOS")
def test_two_processes_are_one_with_a_doubled_batch(
    tiny_home: Path, tiny_corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pair.safetensors"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", pair.__file__]
    ran = subprocess.run(
        [*command, str(tiny_corpus), str(out), *TINY, "tracking=none"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr

    one, two = pair.play(tiny_corpus, Replicas(), together=True), load_file(out)
    assert one.keys() == two.keys()
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=2e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")
    assert any(value.abs().max() > 1e-3 for name, value in one.items() if "exp_avg" in name)

    runs = [only_run(tiny_home, name) / "checkpoints" for name in ("whole", "halves")]
    whole, halves = (folder / json.loads((folder / "index.json").read_text())["last"] for folder in runs)
    assert (whole / TENSORS).read_bytes() == (halves / TENSORS).read_bytes()
    first, second = read_state(halves).feed, *read_state(halves).feeds
    assert (first, second) == (read_state(whole).feed, *read_state(whole).feeds)
    assert first["waiting"] != second["waiting"]  # each process has graphs of its own
    assert len(list((tiny_home / "runs").glob("[0-9]*"))) == 2  # only the first process has folders

    capfd.readouterr()
    assert main(["name=halves", "resume=last", "limits.max_steps=6"]) == 2
    assert "was made by 2 processes, not 1" in capfd.readouterr().err
