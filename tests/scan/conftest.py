"""What the tests of the scanner share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .exported import export_untrained
from .little_shop import RIGHT, TILL, put


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an exported, untrained detector."""
    return export_untrained(tmp_path_factory.mktemp("exported") / "model")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The top of a project with one package."""
    put(tmp_path / "work", {"pyproject.toml": "", "shop/__init__.py": "", "shop/till.py": TILL, "shop/ledger.py": RIGHT})
    return tmp_path / "work"
