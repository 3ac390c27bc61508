"""Hold every rule to its laws on many real functions: parse, undo, original on offer, delta = rebuild, same sites as before.

    python -m buglab.benchmarks.laws --functions 20000 [--first I] [FOLDER ...]

Without a FOLDER it reads the running interpreter's standard library, files in an order that the seed decides.  ``--first``
continues where an earlier run stopped, which every line of its progress says.  Prints rewrites checked per rule, what broke (at
most 20 of each rule), and one JSON object as its last line.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import sysconfig
import time
from collections import Counter
from pathlib import Path

from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack
from buglab.tests.graph.law import Broken, check, places


def run(folders: list[Path], functions: int, each: int, seed: int, first: int) -> dict[str, object]:
    files = sorted(path for folder in folders for path in folder.rglob("*.py") if "site-packages" not in path.parts)
    checked: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    units = shown = 0
    begin = time.process_time()
    order = random.Random(seed).sample(files, len(files))
    at = first
    for at, path in enumerate(order[first:], first):
        rng = random.Random(f"{seed}/{at}")
        try:
            source = Source.parse(decode(path.read_bytes()))
        except (Unreadable, OSError):
            continue
        for chosen in places(source, rng, checked, each):
            units += len(chosen)
            try:
                check(source, chosen)
            except (Broken, Unreadable):
                for place in chosen:  # again one by one, to say which
                    try:
                        check(source, [place])
                    except (Broken, Unreadable) as error:
                        code = source.units[place[0]].sites[place[1]].rule.code
                        broken[code] += 1
                        if broken[code] <= 20:
                            print(f"{path.name}: {code}: {str(error)[:600]}", flush=True)
        if units // 100 > shown:
            shown = units // 100
            print(
                f"{units:,} functions rewritten, {broken.total()} broken; next: --first {at + 1}", file=sys.stderr, flush=True
            )
        if units >= functions * each:
            break
    for code, count in sorted(checked.items()):
        print(f"{code} {count:8,} rewrites, {broken[code]} broken")
    return {
        "functions": units // each,
        "rewrites": checked.total(),
        "broken": broken.total(),
        "next": at + 1,
        "cpu_s": round(time.process_time() - begin, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(sysconfig.get_paths()["stdlib"])])
    parser.add_argument("--functions", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=1, help="rewrites of each function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the file to begin with")
    args = parser.parse_args()
    print(json.dumps(on_deep_stack(lambda: run(args.folders, args.functions, args.each, args.seed, args.first))))


if __name__ == "__main__":
    main()
