"""Whether a process that has not answered in time works, or waits for a processor that others keep busy."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process so far; None where the system does not tell."""
    fields = _fields(Path(f"/proc/{pid}/stat"))
    return None if fields is None else (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wants_processor(pid: int) -> bool:
    """Whether one of its threads could go on if it were let, or waits for the disk."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return False
    return any(fields is not None and fields[0] in "RD" for fields in (_fields(task / "stat") for task in tasks))


def _fields(path: Path) -> list[str] | None:
    """What stands behind the process's name, which may hold anything; the state comes first."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
