"""Maintenance: fingerprints, by which copies of held-out code are recognised wherever they stand and whatever they are called.

    python -m buglab.data.fingerprints data/heldout-fingerprints.npy FOLDER_OR_WHEEL...

Only what lies directly below a held-out import name counts, so a whole ``site-packages`` may be given; third-party code that is
vendored there does not count.  What the list holds already stays in it; delete it to begin anew.
"""

from __future__ import annotations

import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..rewrites.source import Source, Unreadable, decode, on_deep_stack
from .filters import VENDORED, by_path
from .fingerprint_list import FingerprintList
from .functions import own_text
from .heldout import FINGERPRINT_TOKENS, Guard
from .tokens import fingerprint, tokens


def fingerprints(data: bytes) -> Iterator[int]:
    """The fingerprints of the functions of one file that are long enough to have one."""
    try:
        source = Source.parse(decode(data))
    except Unreadable:
        return
    for unit in source.units:
        if unit.kind == "function" and len(pieces := tokens(own_text(unit, source))) >= FINGERPRINT_TOKENS:
            yield fingerprint([unit.kind, *pieces])


def held_out_files(place: Path, guard: Guard) -> Iterator[tuple[str, bytes]]:
    """Import names and contents of the held-out Python files in a folder or wheel."""
    if place.is_dir():
        for path in sorted(place.rglob("*.py")):
            if name := _import_name(path.relative_to(place).as_posix(), guard):
                yield name, path.read_bytes()
    else:
        with zipfile.ZipFile(place) as archive:
            for member in sorted(archive.namelist()):
                if member.endswith(".py") and (name := _import_name(member, guard)):
                    yield name, archive.read(member)


def _import_name(path: str, guard: Guard) -> str:
    """The held-out import name that ``path`` begins with, or nothing."""
    parts = tuple(path.removesuffix(".py").split("/"))
    if by_path(path, tests=True) == VENDORED:
        return ""
    return next((".".join(name) for name in sorted(guard.imports) if parts[: len(name)] == name), "")


def main(output: str, places: Sequence[str]) -> None:
    guard = Guard.names()
    found: set[int] = set()
    counts: Counter[str] = Counter()
    for place in places:
        for name, data in held_out_files(Path(place), guard):
            new = set(fingerprints(data)) - found
            found |= new
            counts[name] += len(new)
    path = Path(output)
    known = FingerprintList.read(path) if path.is_file() else FingerprintList()
    both = known | FingerprintList(found)
    both.write(path)
    for name, count in sorted(counts.items()):
        print(f"{name} {count}")
    print(f"{path}: {len(both)} fingerprints, {len(both) - len(known)} of them new")


if __name__ == "__main__":
    on_deep_stack(lambda: main(sys.argv[1], sys.argv[2:]))
