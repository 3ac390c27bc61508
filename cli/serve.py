"""``buglab serve``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..scan.config import Settings
from .exits import Codes
from .lazy import needs
from .options import Named, judging_options
from .say import say
from .scan import ONE_THREAD


@click.command(cls=Codes, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on; one that others can reach needs a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8700, help="0: any that is free.")
@click.option(
    "--token-file",
    type=Named(dir_okay=False),
    help="File with the token that requests must bear. Else the environment variable BUGLAB_TOKEN.",
)
@click.option("--root", type=Named(), help="Folder below which folders may be scanned.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that analyse. [default: one for each processor]")
@click.option("--queue", type=click.IntRange(min=0), default=16, help="Scans that may wait; those beyond get 429.")
@click.option("--max-bytes", type=click.IntRange(min=1), default=4_000_000, help="Of a request's body.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, help="Seconds that a scan may take.")
@click.option(
    "--drain", type=click.FloatRange(min=0), default=30.0, help="Seconds for what is under way when told to end (SIGTERM)."
)
@judging_options
def serve(
    host: str,
    port: int,
    token_file: Path | None,
    root: Path | None,
    workers: int | None,
    queue: int,
    max_bytes: int,
    timeout: float,
    drain: float,
    **flags: Any,
) -> int:
    """Scan over HTTP: files that are posted, or folders below --root."""
    os.environ.update({name: "1" for name in ONE_THREAD if name not in os.environ})
    with needs("serve", "serve"):
        from ..serve import main
    from ..scan.engine import processors
    from ..serve.limits import Limits

    limits = Limits(workers or processors(), queue, max_bytes, timeout)
    main.serve(Settings().with_flags(flags), limits, main.Place(host, port, token_file, drain), root, say)
    return 0
