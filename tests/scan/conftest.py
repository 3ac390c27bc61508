"""What the tests of the scanner share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .exported import export_untrained


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an exported, untrained detector."""
    return export_untrained(tmp_path_factory.mktemp("exported") / "model")
