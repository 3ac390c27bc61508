"""How fast mutants are made by applying deltas to a packed batch, beside rewriting the text and building its graph again.

    python benchmarks/mutants.py [--seconds N]

One process and one thread; the functions are those of a few modules of the standard library.  CPU seconds are user + system.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import sysconfig
import time
from pathlib import Path

import numpy as np
import torch

from buglab.graph.build import UnitGraph, extract
from buglab.graph.pack import Budget, pack
from buglab.models.batch import MAX_CELLS, Batch, mutate
from buglab.rewrites.source import Source, decode, on_deep_stack

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = ("argparse.py", "tarfile.py", "textwrap.py", "zipfile.py", "statistics.py")
REFERENCE = 1.6


def free_options(item: UnitGraph) -> list[int]:
    """Rows of the options that may be injected: not written, and of few enough cells."""
    graph = item.graph
    written = set((graph.option_ptr[:-1] + graph.chosen).tolist())
    sizes = np.diff(graph.cell_ptr)
    return [row for row in range(graph.num_options) if row not in written and sizes[row] <= MAX_CELLS]


def by_delta(items: list[UnitGraph], seconds: float, rng: random.Random) -> float:
    """Mutants per CPU-s: one option of every function of a batch at once, drawn beforehand."""
    budget = Budget()
    packed, left = pack([item.graph for item in items], budget)
    inside = [item for at, item in enumerate(items) if at not in set(left)]
    offsets = np.concatenate([[0], np.cumsum([item.graph.num_options for item in inside])])
    free = [[int(offset) + row for row in free_options(item)] for offset, item in zip(offsets[:-1], inside, strict=True)]
    padding = [budget.options - 1] * (budget.graphs - len(inside))
    draws = [torch.tensor([rng.choice(rows) for rows in free] + padding) for _ in range(64)]
    batch = Batch.of(packed)
    made, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        mutate(batch, draws[made // len(inside) % len(draws)])
        made += len(inside)
    return made / (time.process_time() - began)


def by_rebuilding(sources: list[Source], seconds: float, rng: random.Random, whole: bool) -> float:
    """Mutants per CPU-s: edit the text, parse it and build the graphs again, of the whole file or of the function alone."""
    edits = [
        (source, unit, option.edit)
        for source in sources
        for unit in source.units
        for site in unit.sites
        for option in site.options
        if option.edit is not None and unit.kind == "function" and "." not in unit.name
    ]
    made, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        source, unit, edit = rng.choice(edits)
        text = edit.apply(source.text)
        grown = len(text) - len(source.text)
        extract(Source.parse(text if whole else text[unit.start : unit.end + grown] + "\n"))
        made += 1
    return made / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="CPU seconds for each way")
    given = parser.parse_args()
    torch.set_num_threads(1)
    rng = random.Random(0)
    sources = [Source.parse(decode((STDLIB / name).read_bytes())) for name in MODULES]
    items = [item for source in sources for item in extract(source) if item.unit.kind == "function" and free_options(item)]
    rng.shuffle(items)
    delta = by_delta(items, given.seconds, rng)
    function = by_rebuilding(sources, given.seconds, rng, whole=False)
    file = by_rebuilding(sources, given.seconds, rng, whole=True)

    print(f"{'':<44}{'mutants/CPU-s':>14}")
    for label, value in (
        ("deltas, applied in a packed batch", delta),
        ("text rewritten, its function built again", function),
        ("text rewritten, its file built again", file),
        ("the reference", REFERENCE),
    ):
        print(f"{label:<44}{value:>14,.1f}")
    print()
    result = {"mutants_per_cpu_s": round(delta), "rebuilt_function": round(function, 1), "rebuilt_file": round(file, 1)}
    print(json.dumps(result | {"times_rebuilding": round(delta / file), "reference": REFERENCE}))


if __name__ == "__main__":
    on_deep_stack(main)
