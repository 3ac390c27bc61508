"""``buglab corpus``: build a corpus."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from omegaconf import DictConfig

from .config import CorpusCommand, typed
from .corpora import build
from .entry import main as entry


def main(arguments: Sequence[str]) -> int:
    return entry("corpus", arguments, task)


def task(composed: DictConfig) -> None:
    build(typed(composed, CorpusCommand).corpus)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
