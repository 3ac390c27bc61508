"""``python -m buglab`` is the ``buglab`` command."""

import sys
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":  # not when a worker process imports it again
    with suppress(FileNotFoundError):  # somebody may have removed the folder that we are in
        if not sys.flags.safe_path and sys.path and sys.path[0] in ("", str(Path.cwd())):
            del sys.path[0]  # the folder that is scanned may hold a `click.py`, and nothing in it is to be run
    from .cli.main import main

    main()
