"""How many places there are to rewrite code without a change of meaning, and what it costs.

    python -m buglab.benchmarks.augmentation [--every N]

One process reads every Nth file of the running interpreter's standard library, its tests left out (default: all).  CPU seconds
are user + system; lines are physical.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections import Counter
from random import Random

from buglab.data.augmentation import SHARE
from buglab.rewrites.compose import variant
from buglab.rewrites.registry import transformations
from buglab.rewrites.source import Source, on_deep_stack

from .extraction import texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="read every Nth file")
    files = texts(parser.parse_args().every)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as the scanner does
    lines = sum(text.count("\n") for text in files.values())
    places: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for text in files.values():
        began = time.process_time()
        source = Source.parse(text)
        spent["parse"] += time.process_time() - began
        for one in transformations():
            began = time.process_time()
            places[one.name] += sum(1 for _ in one.places(source))
            spent[one.name] += time.process_time() - began
        began = time.process_time()
        variant(source, Random(0), SHARE)
        spent["variant"] += time.process_time() - began

    print(f"{lines:,} lines in {len(files):,} files\n")
    print(f"{'':<24}{'places':>10}{'per 1,000 lines':>18}{'CPU ms per 1,000 lines':>26}")
    for one in transformations():
        count = places[one.name]
        print(f"{one.name:<24}{count:>10,}{1000 * count / lines:>18.1f}{1e6 * spent[one.name] / lines:>26.2f}")
    for name, meaning in (
        ("variant", f"one copy, {SHARE:.0%} of all places"),
        ("parse", "text to Source, with the rules' sites"),
    ):
        print(f"{meaning:<52}{1e6 * spent[name] / lines:>26.2f}")
    result = {"lines": lines, "places": dict(places), "cpu_s_per_1000_lines": round(1000 * spent["variant"] / lines, 5)}
    print(json.dumps(result))


if __name__ == "__main__":
    on_deep_stack(main)
