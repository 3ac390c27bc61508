"""``buglab server``: findings in an editor."""

from __future__ import annotations

import os

import click

from ..scan.server import serve
from .exits import Codes
from .scan import ONE_THREAD


@click.command(cls=Codes, context_settings={"help_option_names": ["-h", "--help"]})
def server() -> int:
    """Serve an editor over standard input and output, with the Language Server Protocol.

    Editors start it; docs/editors.md says how.  Settings are those of `buglab scan` in the nearest pyproject.toml.
    """
    os.environ.update({name: "1" for name in ONE_THREAD if name not in os.environ})  # numpy reads them when it is imported
    serve()
    return 0
