"""``buglab mine``: find real bug fixes in git histories."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from omegaconf import DictConfig

from ..data.mining.config import MiningConfig
from ..data.mining.mine import MiningStopped, mine
from .config import typed
from .entry import main as entry
from .errors import TrainError


def main(arguments: Sequence[str]) -> int:
    return entry("mine", arguments, task)


def task(composed: DictConfig) -> None:
    config = typed(composed, MiningConfig)
    if not config.repositories:
        raise TrainError("no repository is named: `buglab mine REPO...`, where each REPO is the folder of a clone")
    try:
        mine(config)
    except (MiningStopped, OSError, ValueError) as error:
        raise TrainError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
