"""How the scanner bears a great deal of code: many files in one run, and one huge file.

    python benchmarks/load.py [FOLDERS...] [--lines 1000000] [--file-lines 100000] [-j N]

Copies the Python files below FOLDERS (default: the running interpreter's standard library without its tests) into a temporary
folder, as often as it takes to have so many lines, each copy with a comment of its own at the end so that no two files are the
same; and writes one file of so many lines by repeating a module.  Both are scanned from a cold start.  Memory should not grow
with the number of files: the figures at a tenth of the lines stand beside those at all of them.  CPU seconds are user + system
of the whole process tree, memory is proportional set size (Linux).  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from scan import SCAN, STDLIB, Run, lines_of, measure

LEFT_OUT = {"test", "tests", "idle_test", "lib2to3", "site-packages", "__pycache__"}
REPEATED = STDLIB / "heapq.py"


def sources(folders: Sequence[Path]) -> list[Path]:
    """The files to copy, in a fixed order."""
    found = sorted(path for folder in folders for path in folder.rglob("*.py") if not LEFT_OUT & set(path.parts))
    return [path for path in found if path.is_file()]


def build(top: Path, files: Sequence[Path], lines: int) -> None:
    """Fill ``top`` with copies of ``files``, together ``lines`` lines or a few more."""
    for copy in count():
        for number, path in enumerate(files):
            data = path.read_bytes() + f"\n# copy {copy}\n".encode("ascii")
            place = top / f"copy_{copy}" / f"{number // 100}" / f"{number}_{path.name}"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            lines -= data.count(b"\n")
            if lines <= 0:
                return


def huge(lines: int) -> Iterator[str]:
    """A module over and over again, and comments up to so many lines."""
    module = REPEATED.read_text(encoding="utf-8").splitlines(keepends=True)
    for _ in range(lines // len(module)):
        yield from module
    yield from ("#\n" for _ in range(lines % len(module)))


def scanned(path: Path, jobs: int) -> tuple[Run, int, int]:
    """What it took, and how many lines and files there were."""
    run = measure([*SCAN, "--no-cache", "-v", "--exclude", "", "-j", str(jobs), "--output-format", "json-lines", str(path)])
    return run, *lines_of(run.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[STDLIB], help="whose Python files are copied")
    parser.add_argument("--lines", type=int, default=1_000_000, help="in many files; 0 leaves this out")
    parser.add_argument("--file-lines", type=int, default=100_000, help="in one file; 0 leaves this out")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="processes")
    given = parser.parse_args()
    figures: dict[str, float] = {"jobs": given.jobs}
    with tempfile.TemporaryDirectory() as folder:
        cases = []
        files = sources(given.folders)
        for name, lines in (("tenth", given.lines // 10), ("all", given.lines)):
            if lines:
                build(Path(folder) / name, files, lines)
                cases.append((name, Path(folder) / name))
        if given.file_lines:
            one = Path(folder) / "huge.py"
            one.write_text("".join(huge(given.file_lines)), encoding="utf-8")
            cases.append(("one_file", one))
        for name, path in cases:
            run, lines, number = scanned(path, given.jobs)
            refused = sum('"code":"BL000"' in line.replace(" ", "") for line in run.stdout.splitlines())
            print(
                f"{name:<9}{lines:>10,} lines in {number:>6,} files: {run.cpu_s:>8.1f} CPU-s, "
                f"{lines / run.cpu_s:>7,.0f} lines/CPU-s, largest process {run.largest_mb:,.0f} MB, "
                f"together {run.peak_mb:,.0f} MB; {refused} not analysed",
                flush=True,
            )
            figures |= {
                f"{name}_lines": lines,
                f"{name}_lines_per_cpu_s": round(lines / run.cpu_s),
                f"{name}_largest_mb": round(run.largest_mb),
                f"{name}_peak_mb": round(run.peak_mb),
                f"{name}_not_analysed": refused,
            }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
