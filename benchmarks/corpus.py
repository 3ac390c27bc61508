"""How the cost of a corpus grows with its text and with the processes that make it.

    python benchmarks/corpus.py [--files N...] [--workers N...] [--cluster]

Builds corpora from files of the standard library, evenly spread over it, each in an interpreter of its own, and takes the CPU
seconds of all its processes.  ``--cluster`` also builds the largest on a local Dask cluster.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

STDLIB = Path(sysconfig.get_paths()["stdlib"])
PROGRAM = """
import json, sys
from buglab.data.config import CorpusConfig
from buglab.data.corpus import build
if __name__ == "__main__":
    build(CorpusConfig(**json.loads(sys.argv[1])))
"""


def measured(files: list[str], workers: int, cluster: str) -> dict[str, float]:
    """Build once; figures of the build."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(PROGRAM, encoding="utf-8")
        output = Path(folder) / "corpus"
        settings = {
            "stdlib": True,
            "stdlib_only": files,
            "workers": workers,
            "cluster": cluster,
            "output": str(output),
            "shard_bytes": 250_000,
        }
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, str(program), json.dumps(settings)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "files": report["files"],
        "lines": report["lines"],
        "graphs": report["graphs"],
        "workers": workers,
        "cluster": bool(cluster),
        "cpu_s": round(cpu, 1),
        "wall_s": round(wall, 1),
        "lines_per_cpu_s": round(report["lines"] / cpu),
        "bytes_per_graph": report["bytes_per_graph"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, nargs="+", default=[25, 50, 100])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cluster", action="store_true")
    given = parser.parse_args()
    folders = (STDLIB, STDLIB / "email", STDLIB / "asyncio")
    every = sorted(path.relative_to(STDLIB).as_posix() for folder in folders for path in folder.glob("*.py"))
    chosen = {count: every[:: max(1, len(every) // count)][:count] for count in given.files}
    runs = [measured(chosen[count], workers, "") for count in given.files for workers in given.workers]
    if given.cluster:
        runs.append(measured(chosen[max(given.files)], max(given.workers), "local"))
    print(" ".join(f"{name:>16}" for name in runs[0]))
    for run in runs:
        print(" ".join(f"{value!s:>16}" for value in run.values()))
    print(json.dumps(runs))


if __name__ == "__main__":
    main()
