"""Installed environments: every file belongs to the distribution that records it."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.data.config import CorpusConfig
from buglab.data.filters import HELD_OUT
from buglab.data.heldout import Guard
from buglab.data.sources import environment

FILES = {
    "mine/__init__.py": "",
    "mine/core.py": "x = 1\n",
    "mine-1.0.dist-info/METADATA": "Name: mine\nVersion: 1.0\nLicense-Expression: MIT\n",
    "mine-1.0.dist-info/RECORD": "mine/__init__.py,,\nmine/core.py,sha256=x,6\n../../bin/mine,,\n",
    "renamed/api.py": "x = 1\n",
    "renamed-3.0.dist-info/METADATA": "Name: fork\nVersion: 3.0\nHome-page: https://github.com/psf/requests\n",
    "renamed-3.0.dist-info/RECORD": "renamed/api.py,,\n",
    "old.py": "y = 1\n",
    "old-0.1.egg-info/PKG-INFO": "Name: old\nVersion: 0.1\nClassifier: License :: OSI Approved :: MIT License\n",
    "old-0.1.egg-info/installed-files.txt": "../old.py\nPKG-INFO\n",
    "stray.py": "z = 1\n",
    "requests/api.py": "z = 1\n",
}


def test_distributions_and_their_files(tmp_path: Path, guard: Guard) -> None:
    site = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    for name, text in FILES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    for root in (site, tmp_path / "venv"):
        found = {source.project.name: source for source in environment(root, CorpusConfig(), guard)}
        taken = {name: [file.path for file in source.files] for name, source in found.items()}
        assert taken == {
            "mine": ["mine/__init__.py", "mine/core.py"],
            "fork": [],
            "old": ["old.py"],
            "site-packages": ["stray.py"],
        }
        assert found["mine"].project.licence == found["old"].project.licence == "MIT"
        assert found["fork"].dropped == found["site-packages"].dropped == {HELD_OUT: 1}


def test_a_folder_that_is_no_environment_is_said(tmp_path: Path, guard: Guard) -> None:
    with pytest.raises(FileNotFoundError, match="no installed distributions"):
        environment(tmp_path, CorpusConfig(), guard)
