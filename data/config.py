"""What a corpus is made from and where it goes: the schema of ``conf/corpus/*.yaml``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .home import home

SPLITS = ("train", "valid", "test")


@dataclass
class CorpusConfig:
    """One corpus.  Sources may be combined; duplicates are removed across all of them."""

    name: str = "corpus"
    """the corpus is written to ``$BUGLAB_HOME/corpora/<name>`` unless ``output`` says otherwise"""
    output: str = ""
    """folder to write to"""

    stdlib: bool = False
    """take the standard library of the running Python"""
    stdlib_tests: bool = True
    """with its test folders"""
    stdlib_only: list[str] = field(default_factory=list)
    """paths below the library's folder; empty = everything"""
    folders: list[str] = field(default_factory=list)
    """folders of Python code; each is one project, named after the folder"""
    environments: list[str] = field(default_factory=list)
    """virtual environments or ``site-packages`` folders; each installed distribution is one project"""
    repositories: list[str] = field(default_factory=list)
    """local git repositories, ``PATH`` or ``PATH@REVISION``; a commit is read without a checkout"""
    archives: list[str] = field(default_factory=list)
    """wheels and source distributions on disk"""
    packages: str = ""
    """a list of pinned packages: a file, or the name of one of BugLab's own (``packages.txt``)"""

    clones: str = ""
    """folder with clones of the projects of ``fixes.jsonl``: take the functions that commits repaired, each with its real bug;
    those of the fold fine-tuning are for training, those of the fold calibration for validation"""

    package_tests: bool = False
    """with the test folders of everything but the standard library"""

    split: str = ""
    """train, valid or test: where everything goes; empty = as the two lists below say"""
    valid: list[str] = field(default_factory=list)
    """projects kept back for early stopping and calibration; ``cpython/email`` is one package of the standard library"""
    test: list[str] = field(default_factory=list)
    """projects kept back for the final figures"""

    augment: int = 0
    """rewritten copies of every file of the training split, with other names, mirrored comparisons and the like"""

    node_limit: int = 1024
    """nodes a graph may have; longer units become several windows"""
    file_limit: int = 400_000
    """bytes; larger files are tables or generated code"""
    near_duplicates: bool = True
    """remove near duplicates too, not only exact ones"""
    similarity: float = 0.85
    """Jaccard similarity of token shingles above which two units are near duplicates"""
    shard_bytes: int = 1_500_000
    """source text that goes into one shard"""
    workers: int = 0
    """processes; 0 = one per core"""
    cluster: str = ""
    """make the shards on a Dask cluster: the address of its scheduler, or ``local`` for one on this machine"""

    def folder(self) -> Path:
        return Path(self.output).expanduser() if self.output else home() / "corpora" / self.name

    def split_of(self, project: str, path: str) -> str:
        """The split of a file by its project, or by ``project/part`` where part is its outermost folder or module."""
        if self.split:
            return self.split
        names = {project, part(project, path)}
        if not names.isdisjoint(self.test):
            return "test"
        return "valid" if not names.isdisjoint(self.valid) else "train"


def part(project: str, path: str) -> str:
    """``cpython/email`` for ``email/message.py``, ``cpython/textwrap`` for ``textwrap.py``."""
    return f"{project}/{path.partition('/')[0].removesuffix('.py')}"
