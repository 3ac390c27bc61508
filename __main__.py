"""``python -m buglab`` is the ``buglab`` command."""

import sys
from pathlib import Path

if __name__ == "__main__":  # not when a worker process imports it again
    if not sys.flags.safe_path and sys.path and sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]  # the folder that is scanned may hold a `click.py`, and nothing in it is to be run
    from .cli.main import main

    main()
