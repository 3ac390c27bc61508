"""How right, how fast and how large the search for near duplicates is.

    python benchmarks/duplicates.py [--functions N]

Functions of the standard library are indexed, copies of them with random tokens changed are looked up, and what the index says
is compared with the true similarity (Jaccard, of the shingles).  Time and memory are those of indexing signatures of which no
two are alike, scaled to a million.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sysconfig
import time
from pathlib import Path

import numpy as np

from buglab.data.duplicates import NearIndex
from buglab.data.functions import NEAR_TOKENS, own_text, sign
from buglab.data.header import PERMUTATIONS
from buglab.data.tokens import shingles, tokens
from buglab.rewrites.source import Source, Unreadable, decode

STDLIB = Path(sysconfig.get_paths()["stdlib"])
SIMILARITY = 0.85
INDEXED = 30_000
BINS = (0.0, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.01)


def pieces(count: int) -> list[list[str]]:
    """Normalised tokens of the first ``count`` functions that are long enough."""
    found: list[list[str]] = []
    for path in sorted(STDLIB.glob("*.py")):
        try:
            source = Source.parse(decode(path.read_bytes()))
        except Unreadable:
            continue
        every = (tokens(own_text(unit, source)) for unit in source.units if unit.kind == "function")
        found += [one for one in every if len(one) >= NEAR_TOKENS]
        if len(found) >= count:
            break
    return found[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--functions", type=int, default=2_000)
    functions = pieces(parser.parse_args().functions)
    generator = random.Random(0)
    strange = np.random.default_rng(0).integers(2**16, size=(INDEXED, PERMUTATIONS), dtype=np.uint16)
    index = NearIndex(SIMILARITY)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    for signature in strange:
        index.seen(signature)
    seconds = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    asked, found = [0] * len(BINS), [0] * len(BINS)
    for one in functions:
        other = list(one)
        for _ in range(generator.randint(1, max(1, len(one) // 15))):
            other[generator.randrange(len(other))] = f"changed{generator.random()}"
        mine, its = (set(shingles(each).tolist()) for each in (one, other))
        similarity = len(mine & its) / len(mine | its)
        place = max(number for number, low in enumerate(BINS) if low <= similarity)
        alone = NearIndex(SIMILARITY)
        alone.seen(sign(one))
        asked[place] += 1
        found[place] += alone.seen(sign(other))
    for number, low in enumerate(BINS[:-1]):
        print(
            f"similarity {low:.2f} to {BINS[number + 1]:.2f}: {found[number]:>5,} of {asked[number]:>5,} taken for duplicates"
        )
    split = BINS.index(SIMILARITY)
    figures = {
        "functions": len(functions),
        "recall": round(sum(found[split:]) / max(1, sum(asked[split:])), 3),
        "precision": round(sum(found[split:]) / max(1, sum(found)), 3),
        "index_s_per_million": round(seconds / INDEXED * 1e6, 1),
        "index_mb_per_million": round(memory / INDEXED),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
