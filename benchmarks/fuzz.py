"""Does anything that can stand in a file break the reader?  Nothing but Unreadable may come out of reading and extracting.

    python benchmarks/fuzz.py [--count N] [--seed S] [--first I] [--files FOLDER...] [--whole]

Input number i of seed s is the same on every run: odd numbers are random programs, even ones pieces of files below FOLDER (the
standard library, with its tests) with random damage.  ``--first`` continues where an earlier run stopped.  ``--whole`` reads
each file below FOLDER as it is, once, instead.  Files of held-out projects are left out.  The reading happens in a child
process, so that a fault that kills the interpreter is seen and its input named.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sys
import sysconfig
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from fuzz_inputs import generated, mutated

from buglab.data.heldout import Guard
from buglab.graph.build import extract
from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack

STDLIB = Path(sysconfig.get_paths()["stdlib"])
BATCH = 250
SLOW = 20.0
"""CPU seconds after which an input counts as a fault of its own kind."""


@dataclass
class Tally:
    """What became of a batch of inputs."""

    outcomes: Counter[str] = field(default_factory=Counter)
    graphs: int = 0
    characters: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    """input -> what went wrong"""
    disputed: dict[str, str] = field(default_factory=dict)
    """input that CPython compiles and we refuse -> our reason"""
    slowest: tuple[float, str] = (0.0, "")

    def add(self, other: Tally) -> None:
        self.outcomes += other.outcomes
        self.graphs += other.graphs
        self.characters += other.characters
        self.faults |= other.faults
        self.disputed |= other.disputed
        self.slowest = max(self.slowest, other.slowest)


def read(name: str, data: bytes, tally: Tally) -> None:
    """Read one input."""
    began = time.process_time()
    try:
        text = decode(data)
        tally.characters += len(text)
        found = extract(Source.parse(text))
        tally.graphs += len(found)
        tally.outcomes["read"] += 1
    except Unreadable as error:
        kind = re.sub(r"\(.*|[:,'\d`].*", "", error.message).strip()
        tally.outcomes[f"refused: {kind}"] += 1
        if compiles(data):
            tally.disputed[name] = error.message
    except BaseException as error:
        tally.faults[name] = f"{type(error).__name__}: {error}"
    took = time.process_time() - began
    tally.slowest = max(tally.slowest, (took, name))
    if took > SLOW:
        tally.faults[name] = f"took {took:.0f} s"


def compiles(data: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(data, "input", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return False
    return True


def content(seed: int, number: int, files: Sequence[Path]) -> bytes:
    """Input ``number`` of ``seed``."""
    generator = random.Random(f"{seed}/{number}")
    return generated(generator) if number % 2 else mutated(generator, files)


def batch(seed: int, numbers: Sequence[int], files: Sequence[Path], whole: bool) -> Tally:
    """Runs in the child."""

    def work() -> Tally:
        tally = Tally()
        for number in numbers:
            name = str(files[number]) if whole else f"{seed}/{number}"
            read(name, files[number].read_bytes() if whole else content(seed, number, files), tally)
        return tally

    return on_deep_stack(work)


def run(seed: int, numbers: Sequence[int], files: Sequence[Path], whole: bool) -> Tally:
    """One batch in a child of its own; where the child dies, the input that killed it is searched for."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(batch, seed, numbers, files, whole).result()
        except BrokenProcessPool:
            pass
    if len(numbers) == 1:
        name = str(files[numbers[0]]) if whole else f"{seed}/{numbers[0]}"
        return Tally(Counter({"killed the interpreter": 1}), faults={name: "killed the interpreter"})
    half, both = len(numbers) // 2, Tally()
    both.add(run(seed, numbers[:half], files, whole))
    both.add(run(seed, numbers[half:], files, whole))
    return both


def python_files(folders: Sequence[Path]) -> list[Path]:
    """What lies below the folders, without held-out projects."""
    guard = Guard.names()
    inside = [(path, path.relative_to(folder)) for folder in folders for path in folder.rglob("*.py")]
    return sorted({path for path, name in inside if not guard.holds_path(name.as_posix()) and path.is_file()})


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--files", type=Path, nargs="+", default=[STDLIB])
    parser.add_argument("--whole", action="store_true")
    given = parser.parse_args(arguments)
    files = python_files(given.files)
    last = len(files) if given.whole else given.first + given.count
    total, before = Tally(), resource.getrusage(resource.RUSAGE_CHILDREN)
    for start in range(given.first, last, BATCH):
        end = min(start + BATCH, last)
        total.add(run(given.seed, range(start, end), files, given.whole))
        print(f"{end:,} of {last:,}: {len(total.faults)} faults", file=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    for title, listed in (("faults", total.faults), ("CPython compiles it, we refuse it", total.disputed)):
        for name, reason in list(listed.items())[:20]:
            print(f"{title}: {name}: {reason}")
    for outcome, number in total.outcomes.most_common():
        print(f"{number:>9,}  {outcome}")
    figures = {
        "inputs": last - given.first,
        "seed": given.seed,
        "next": last,
        "faults": len(total.faults),
        "disputed": len(total.disputed),
        "read": total.outcomes["read"],
        "graphs": total.graphs,
        "characters": total.characters,
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "slowest_s": round(total.slowest[0], 2),
        "slowest": total.slowest[1],
    }
    print(json.dumps(figures))
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
