"""A corpus of some of another corpus's graphs; the shards are shared where the disk can."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .dataset import Corpus
from .manifest import publish


def subset(corpus: Corpus, rows: NDArray[np.int64], folder: Path, name: str) -> Path:
    """Write the corpus ``name`` with these ``rows`` of ``corpus`` ([num_graphs, 2]: shard, row) into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    used = np.unique(rows[:, 0])
    names = [corpus.manifest.shards[number] for number in used]
    for shard in names:
        (folder / shard).unlink(missing_ok=True)
        try:
            os.link(corpus.folder / shard, folder / shard)
        except OSError:  # another disk, or one without links
            shutil.copy2(corpus.folder / shard, folder / shard)
    publish(folder, name, names, np.stack([np.searchsorted(used, rows[:, 0]), rows[:, 1]], axis=1))
    return folder
