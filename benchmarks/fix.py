"""What `--fix` does to functions with injected bugs: how often it acts, how often it restores the original, what it breaks.

    python benchmarks/fix.py PATHS... [--bugs N] [--min-confidence P] [--model FOLDER] [--seed S]

PATHS are files and folders of code that is believed to be right and that nobody trained on.  Into each of up to N functions one
bug is injected by a rule of the project, drawn at random; each mutant is a file of its own, and one run of the real command
repairs them all.  A repair restores the original if the file is then byte for byte what it was; a file is broken if it does not
parse any more.

The last line is one JSON object: ``bugs``, ``applied`` (share of them for which anything was repaired), ``restored`` (share of
them whose file is the original again), ``restored_of_applied``, ``broken_files``.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from buglab.rewrites.base import Edit
from buglab.rewrites.source import Source, Unreadable, decode
from buglab.rewrites.unit import Unit

MOST_BYTES = 40_000
"""Larger files are left out: every mutant is scored again as a whole."""


@dataclass(frozen=True)
class Mutant:
    """A file with one bug; ``text`` is the file without."""

    text: str
    edit: Edit
    code: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, help="files and folders of code that is believed to be right")
    parser.add_argument("--bugs", type=int, default=200, help="functions with an injected bug")
    parser.add_argument("--min-confidence", help="threshold of the scan (default: the model's)")
    parser.add_argument("--model", type=Path, help="folder of an exported model (default: the embedded one)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    mutants = draw(given.paths, given.bugs, random.Random(given.seed))
    flags = [*(["--min-confidence", given.min_confidence] if given.min_confidence else [])]
    flags += ["--model", str(given.model.resolve())] if given.model else []
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"m{number:05}.py" for number in range(len(mutants))]
        for path, mutant in zip(paths, mutants, strict=True):
            path.write_bytes(mutant.edit.apply(mutant.text).encode())
        command = [sys.executable, "-m", "buglab", "scan", "--isolated", "--fix", "--unsafe-fixes", "--exit-zero", *flags, "."]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        fates = [fate(mutant, path.read_bytes()) for path, mutant in zip(paths, mutants, strict=True)]
    print(ran.stderr.strip())
    for code in sorted({mutant.code for mutant in mutants}):
        own = [found for found, mutant in zip(fates, mutants, strict=True) if mutant.code == code]
        restored = sum(found == "restored" for found in own)
        print(f"{code}  {len(own):>4} bugs, {sum(found != 'left' for found in own):>4} repaired, {restored:>4} restored")
    applied, restored = (sum(found in fates_of for found in fates) for fates_of in ({"restored", "other"}, {"restored"}))
    result = {
        "bugs": len(mutants),
        "applied": round(applied / max(len(mutants), 1), 4),
        "restored": round(restored / max(len(mutants), 1), 4),
        "restored_of_applied": round(restored / applied, 4) if applied else None,
        "broken_files": fates.count("broken"),
        "threshold": given.min_confidence,
    }
    print(json.dumps(result))


def draw(paths: Sequence[Path], bugs: int, chance: random.Random) -> list[Mutant]:
    """At most one bug a function, the functions in random order."""
    functions = [found for path in paths for file in _files(path) for found in _functions(file)]
    chance.shuffle(functions)
    mutants: list[Mutant] = []
    for source, unit in functions:
        by_rule: dict[str, list[Edit]] = {}
        for site in unit.sites:
            by_rule.setdefault(site.rule.code, []).extend(one.edit for one in site.options if one.edit is not None)
        if by_rule and len(mutants) < bugs:
            code = chance.choice(sorted(by_rule))
            mutants.append(Mutant(source.text, chance.choice(by_rule[code]), code))
    return mutants


def fate(mutant: Mutant, after: bytes) -> str:
    """restored, other (something was repaired, but not that or not so), left (nothing was), or broken."""
    text = after.decode()
    before = mutant.edit.apply(mutant.text)
    if text == mutant.text:
        return "restored"
    if text == before:
        return "left"
    try:
        ast.parse(text)
    except SyntaxError:
        return "broken"
    return "other"


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(file for file in path.rglob("*.py")) if path.is_dir() else [path]


def _functions(path: Path) -> Iterator[tuple[Source, Unit]]:
    data = path.read_bytes()
    if len(data) > MOST_BYTES or data.startswith(b"\xef\xbb\xbf"):
        return
    try:
        text = decode(data)
        source = Source.parse(text)
    except Unreadable:
        return
    if text.encode() == data:
        yield from ((source, unit) for unit in source.units if unit.kind == "function")


if __name__ == "__main__":
    main()
