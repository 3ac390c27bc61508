"""How fast text becomes graphs with sites, options and deltas, beside the bare parse.

    python benchmarks/extraction.py [--every N]

One process reads every Nth file of the running interpreter's standard library, its tests left out (default: all); each file is
seen in its project, as in a corpus, and parsed once more by LibCST alone just before.  CPU seconds are user + system; lines are
physical.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gc
import json
import sysconfig
import time
from pathlib import Path

import libcst as cst

from buglab.graph.build import extract
from buglab.graph.schema import ARRAYS
from buglab.rewrites.project import Folder
from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack

STDLIB = Path(sysconfig.get_paths()["stdlib"])
SKIPPED = {"test", "tests", "idle_test", "lib2to3", "site-packages"}
REFERENCE = "608-694 without type inference, 300-378 with it"


def texts(every: int) -> dict[str, str]:
    """Path -> text of the files that LibCST can parse."""
    paths = (path.relative_to(STDLIB) for path in sorted(STDLIB.rglob("*.py")))
    found = {}
    for path in [path for path in paths if not SKIPPED & set(path.parts)][::every]:
        try:
            text = decode((STDLIB / path).read_bytes())
            cst.parse_module(text)
        except (Unreadable, cst.ParserSyntaxError):
            continue
        found[path.as_posix()] = text
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="read every Nth file")
    given = parser.parse_args()
    gc.freeze()
    files = texts(given.every)
    lines = sum(text.count("\n") for text in files.values())

    folder = Folder(lambda path: (STDLIB / path).is_file(), lambda path: (STDLIB / path).read_bytes(), decode)
    count = dict.fromkeys(("graphs", "nodes", "edges", "sites", "options", "cells", "bytes"), 0)
    parse_s = extract_s = 0.0
    for path, text in files.items():  # in turns, for the speed of a shared machine varies
        began = time.process_time()
        cst.parse_module(text)
        parsed = time.process_time()
        found = extract(Source.parse(text), around=folder.around(path))
        parse_s, extract_s = parse_s + parsed - began, extract_s + time.process_time() - parsed
        for item in found:
            graph = item.graph
            sizes = (1, graph.num_nodes, graph.num_edges, graph.num_sites, graph.num_options, len(graph.cells))
            for name, size in zip(count, sizes, strict=False):
                count[name] += size
            count["bytes"] += sum(getattr(graph, name).nbytes for name in ARRAYS)

    print(f"{lines:,} lines in {len(files):,} files, {count['graphs']:,} functions, class and module bodies\n")
    print(f"{'':<36}{'CPU s':>10}{'lines/CPU-s':>14}")
    print(f"{'bare LibCST parse':<36}{parse_s:>10.2f}{lines / parse_s:>14,.0f}")
    print(f"{'text to graphs, sites and deltas':<36}{extract_s:>10.2f}{lines / extract_s:>14,.0f}")
    print(f"{'ratio':<36}{extract_s / parse_s:>10.2f}")
    print(f"{'the reference, lines/CPU-s':<36}{REFERENCE}\n")
    for name in list(count)[1:]:
        print(f"{name + ' per function':<36}{count[name] / count['graphs']:>10,.1f}")
    print()
    result = {"lines_per_cpu_s": round(lines / extract_s), "parse_lines_per_cpu_s": round(lines / parse_s), "lines": lines}
    result |= {f"{name}_per_function": round(count[name] / count["graphs"], 1) for name in list(count)[1:]}
    print(json.dumps(result))


if __name__ == "__main__":
    on_deep_stack(main)
