"""Maintenance: what was mined, as the facts that the package ships.

    python -m buglab.data.mining.publish FOLDER

puts the fixes of the logs in FOLDER (``$BUGLAB_HOME/mined``) into ``data/fixes.jsonl``, in place of what it says of the same
projects.  Those of other projects stay, so that not all logs are needed at once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from .collect import Mined
from .pairs import PUBLISHED, load
from .record import Fix


def publish(folder: Path, path: Path = PUBLISHED) -> None:
    """Add the fixes of all logs in ``folder`` to the file.  Raises ValueError for a damaged log or file."""
    known = load(path=path) if path.exists() else []
    mined = Mined(folder)
    found = [
        Fix(project, change.commit, change.path, change.function, match.code, match.row, match.column, change.flags)
        for project, change in mined.fixes()
        for match in change.matches[:1]
    ]
    again = {project.lower() for project in mined.headers}
    fixes = sorted([*found, *(fix for fix in known if fix.project.lower() not in again)], key=_place)
    path.write_bytes(b"".join(msgspec.json.encode(fix) + b"\n" for fix in fixes))
    gone = len({_place(fix) for fix in known} - {_place(fix) for fix in fixes})
    print(f"{path}: {len(fixes):,} fixes, of which {len(fixes) - len(known) + gone:,} are new; {gone:,} are no longer there")


def _place(fix: Fix) -> tuple[str, str, str, int, int]:
    return fix.project.lower(), fix.commit, fix.path, fix.row, fix.column


if __name__ == "__main__":
    publish(Path(sys.argv[1]))
