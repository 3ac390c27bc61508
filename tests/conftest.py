"""Tests share the machine: numeric libraries use one thread each, in subprocesses too; and no cache outlives a test.

What a shell starts in the background ignores interrupts, and so does all that it starts; some tests send them.
"""

import os
import signal
from pathlib import Path

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's scans keep what the detector said."""
    folder = tmp_path_factory.mktemp("cache") / "buglab"
    monkeypatch.setenv("BUGLAB_CACHE_DIR", str(folder))
    return folder
