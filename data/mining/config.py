"""Which histories are mined, and how: the schema of ``conf/mine.yaml``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..home import home


@dataclass
class MiningConfig:
    """``buglab mine``"""

    repositories: list[str] = field(default_factory=list)
    """folders of clones, bare or not"""
    output: str = ""
    """folder to write to; empty = ``$BUGLAB_HOME/mined``"""
    revisions: list[str] = field(default_factory=lambda: ["HEAD"])
    """whose history is walked; ``--all`` takes every branch and pull request that the clone has"""
    worded: bool = False
    """look only at commits whose message speaks of a bug: half the work, most of the fixes"""
    tests: bool = False
    """look at tests too; what is found there is flagged and never used"""
    most_files: int = 8
    """leave out commits that modify more Python files"""
    unmatched: list[str] = field(default_factory=list)
    """kinds of changes, as the report names them, that no rule can know: they are counted, and not looked up in the rules"""
    chunk: int = 500
    """commits looked at in one piece of work"""
    max_minutes: float = 0
    """stop after this time, 0 = never; another run continues"""
    workers: int = 0
    """processes; 0 = one per core"""

    def folder(self) -> Path:
        return Path(self.output).expanduser() if self.output else home() / "mined"
