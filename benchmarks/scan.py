"""How fast and how heavy the scanner is, beside its budget.

    python benchmarks/scan.py [PATHS...] [--model FOLDER] [--fresh-environment] [--beside] [--repeat N]

Without PATHS it scans the running interpreter's standard library, its tests left out.  CPU seconds are user + system of the
whole process tree; memory is the largest sum of proportional set sizes (Linux) of all processes at one moment; lines are
physical.  The size of the environment is that of the distributions that the base install needs, as they lie in the running
environment; ``--fresh-environment`` installs the project into a new virtual environment instead (needs the package index) and
measures all of it.  ``--beside`` runs ruff, mypy and pylint, where they are installed, on the same files in the same run.  A
cache in a temporary folder is used where the cache is what is measured, else none.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STDLIB = Path(sysconfig.get_paths()["stdlib"])
COMMIT = ("heapq.py", "textwrap.py", "tokenize.py")
"""Three files, together 1,800 lines, that stand for a commit."""

SCAN = [sys.executable, "-m", "buglab", "scan", "--isolated", "--exit-zero"]

BESIDE = {
    "ruff": ["ruff", "check", "--isolated", "--no-cache", "--exit-zero", "--quiet"],
    "mypy": ["mypy", "--config-file=", "--cache-dir=/dev/null", "--ignore-missing-imports", "--no-error-summary"],
    "pylint": ["pylint", "-j1", "--rcfile=/dev/null", "--exit-zero", "--score=n"],
}
"""Other tools from a cold start, as they come; run as modules of this interpreter."""

ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
"""Installers compile what they install; a checkout is compiled by its first run, if that is not forbidden."""


@dataclass(frozen=True)
class Run:
    """What a command took."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    """of all processes together"""
    largest_mb: float
    """of the largest one"""
    stdout: str
    stderr: str


def measure(command: Sequence[str], fine: Sequence[int] = (0,)) -> Run:
    """Run to the end and measure; raises CalledProcessError if the exit code is none of the ``fine`` ones."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=tempfile.gettempdir(), env=ENVIRONMENT)
        peak = Peak(process.pid)
        code = process.wait()
        wall = time.perf_counter() - began
        peak.stop()
        stdout.seek(0)
        stderr.seek(0)
        if code not in fine:
            raise subprocess.CalledProcessError(code, list(command), stdout.read(), stderr.read())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Run(cpu, wall, peak.megabytes, peak.largest, stdout.read(), stderr.read())


class Peak:
    """Watches the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self.megabytes = self.largest = 0.0
        self._pid, self._over = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = 0.05
        while not self._over.wait(pause):
            began = time.thread_time()
            sizes = [_proportional_kb(pid) / 1024 for pid in _tree(self._pid)]
            self.megabytes, self.largest = max(self.megabytes, sum(sizes)), max(self.largest, *sizes)
            pause = max(0.05, 50 * (time.thread_time() - began))  # looking takes long where there is much memory


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _proportional_kb(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def unchanged(scan: Sequence[str], what: Sequence[str], repeat: int) -> Run:
    """The best of several scans of files that are all in the cache."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*scan, "--cache-dir", folder, *what]
        measure(command)
        return min((measure(command) for _ in range(repeat)), key=lambda run: run.cpu_s)


def beside(files: Sequence[str]) -> Iterator[tuple[str, Run]]:
    """What other tools that are installed take for the files, if they can cope with them."""
    for name, command in BESIDE.items():
        if importlib.util.find_spec(name) is not None:
            try:
                yield name, measure([sys.executable, "-m", *command, *files], fine=(0, 1))
            except subprocess.CalledProcessError as error:
                print(f"{name} cannot be run on these files: {(error.stderr or error.output).strip()[:200]}")


def commit_files(folder: Path) -> list[str]:
    """Copies of COMMIT under names that are not the standard library's, which mypy would refuse to check."""
    copies = [folder / f"changed_{name}" for name in COMMIT]
    for name, copy in zip(COMMIT, copies, strict=True):
        shutil.copy(STDLIB / name, copy)
    return [str(copy) for copy in copies]


def environment_mb(fresh: bool) -> float:
    """Megabytes (10^6 bytes) that a user's environment takes."""
    if fresh:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([f"{folder}/bin/pip", "install", "-q", "-c", ROOT / "constraints.txt", ROOT], check=True)
            return sum(path.lstat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
    package = sum(path.stat().st_size for path in _packaged())
    needed = _requirements("buglab", set()) - {"buglab"}
    return (package + sum(_installed_bytes(name) for name in needed)) / 1e6


def _packaged() -> Iterator[Path]:
    """What the wheel holds of this project, which may be installed editable."""
    for folder in ("cli", "conf", "data", "detector", "graph", "models", "rewrites", "scan", "selector", "serve", "train"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")


def _requirements(name: str, seen: set[str]) -> set[str]:
    """``name`` and the distributions it needs without extras, normalised."""
    seen.add(name)
    for line in importlib.metadata.requires(name) or []:
        requirement, _, marker = line.partition(";")
        needed = re.match(r"[\w.-]+", requirement)
        if (
            needed is None
            or "extra" in marker
            or re.search(r"(platform_system|sys_platform|os_name)\s*==\s*.(Windows|win32|nt)", marker)
        ):
            continue
        if (key := re.sub(r"[-_.]+", "-", needed[0]).lower()) not in seen:
            try:
                _requirements(key, seen)
            except importlib.metadata.PackageNotFoundError:
                seen.discard(key)  # its marker excludes it here
    return seen


def _installed_bytes(name: str) -> int:
    files = importlib.metadata.files(name) or []
    paths = {Path(str(file.locate())) for file in files}
    return sum(path.stat().st_size for path in paths if path.is_file())


def lines_of(summary: str) -> tuple[int, int]:
    """(lines, files) from what ``-v`` says."""
    lines, files = re.search(r"([\d,]+) lines? and", summary), re.search(r"([\d,]+) files?[. (]", summary)
    if lines is None or files is None:
        raise ValueError(f"the scanner said something unexpected: {summary}")
    return int(lines[1].replace(",", "")), int(files[1].replace(",", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="files and folders to scan")
    parser.add_argument("--model", type=Path, help="folder of an exported model (default: the embedded one)")
    parser.add_argument(
        "--fresh-environment", action="store_true", help="measure a new environment, not this one's distributions"
    )
    parser.add_argument("--beside", action="store_true", help="measure ruff, mypy and pylint on the same files, too")
    parser.add_argument("--repeat", type=int, default=3, help="times that quick commands are run; the best counts")
    with tempfile.TemporaryDirectory() as folder:
        report(parser.parse_args(), commit_files(Path(folder)))


def report(given: argparse.Namespace, three: Sequence[str]) -> None:
    """Measure and print; ``three`` are the files of a commit."""
    scan = [*SCAN, *(["--model", str(given.model.resolve())] if given.model else [])]
    stdlib_tests = ["--extend-exclude", "test,tests,idle_test,lib2to3,site-packages"]
    what = [str(path.resolve()) for path in given.paths] or [str(STDLIB), *stdlib_tests]

    full = measure([*scan, "--no-cache", "-v", "--output-format", "json-lines", *what])
    lines, files = lines_of(full.stderr)
    findings = full.stdout.count("\n")
    rows = [
        ("full scan, lines/CPU-s", lines / full.cpu_s, 2500.0, True),
        ("full scan, peak memory, MB", full.peak_mb, 800.0, False),
    ]
    commit = min((measure([*scan, "--no-cache", *three]) for _ in range(given.repeat)), key=lambda run: run.cpu_s)
    again = unchanged(scan, what, given.repeat)
    rows += [
        ("commit of 3 files, CPU s", commit.cpu_s, 2.0, False),
        ("commit of 3 files, peak memory, MB", commit.peak_mb, 300.0, False),
        (f"nothing changed in {files} files, CPU s", again.cpu_s, 0.5, False),
    ]
    quick = {}
    for name in ("--version", "--help", "rules"):
        quick[name] = 1e3 * min(measure([sys.executable, "-m", "buglab", name]).cpu_s for _ in range(given.repeat))
        rows.append((f"{name}, CPU ms", quick[name], 120.0, False))
    size = environment_mb(given.fresh_environment)
    rows.append(("environment, MB", size, 250.0, False))

    print(f"{lines:,} lines in {files:,} files: {full.cpu_s:.1f} CPU-s, {full.wall_s:.1f} s; {findings} findings\n")
    print(f"{'':<36}{'measured':>10}{'budget':>10}{'ratio':>8}  (above 1: better than the budget)")
    for label, value, budget, more_is_better in rows:
        ratio = value / budget if more_is_better else budget / value if value else float("inf")
        print(f"{label:<36}{value:>10,.1f}{budget:>10,.0f}{ratio:>8.2f}")
    print()
    others = {}
    compared = [("commit of 3 files", three, commit), *([("full scan", what, full)] if given.paths else [])]
    for label, where, ours in compared if given.beside else ():
        for name, run in beside(where):
            print(f"{label}, {name:<8}{run.cpu_s:>8.2f} CPU-s, {run.cpu_s / ours.cpu_s:>6.2f} times ours")
            others[f"{name}_{label.split()[0]}_cpu_s"] = round(run.cpu_s, 2)
    result = {
        "lines_per_cpu_s": round(lines / full.cpu_s),
        "version_cpu_ms": round(quick["--version"]),
        "environment_mb": round(size),
        "commit_cpu_s": round(commit.cpu_s, 2),
        "unchanged_cpu_s": round(again.cpu_s, 2),
        "peak_mb": round(full.peak_mb),
        "lines": lines,
        "findings": findings,
        "files": files,
        "fresh_environment": given.fresh_environment,
        **others,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
