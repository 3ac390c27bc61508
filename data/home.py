"""Where corpora, downloads and runs live: never in the source tree."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """``$BUGLAB_HOME``, else the user's data folder.  Not created here."""
    chosen = os.environ.get("BUGLAB_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("buglab", appauthor=False))
