"""Lists of packages with pinned versions and hashes, and their download.

Only wheels are taken, for one fixed platform, so that every machine gets the same files; they are archives that are read and
never installed, and nothing in them is run.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .heldout import Guard, HeldOut, normalised

_LINE = re.compile(r"^([A-Za-z0-9][\w.-]*)==([\w.!+]+)\s+--hash=sha256:([0-9a-f]{64})$")
_TARGET = ["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "abi3", "--abi", "none"]
_PLATFORMS = ("any", "manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in (17, 26, 27, 28)))


class DownloadFailed(Exception):
    """A package could not be fetched, or is not the one that was pinned."""


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def read_pins(path: Path, guard: Guard) -> list[Pin]:
    """The packages that ``path`` lists, in pip's own notation: ``name==version --hash=sha256:...``, one a line.

    Raises HeldOut if one of them must never be learned from.
    """
    pins = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        found = _LINE.match(line)
        if not found:
            raise ValueError(f"{path}:{number}: {line!r} is not `name==version --hash=sha256:<64 digits>`")
        if guard.holds_distribution(found[1]):
            raise HeldOut(f"{path}:{number}: {found[1]} is held out to judge BugLab; take it off the list")
        pins.append(Pin(*found.groups()))
    return pins


def fetch(pins: list[Pin], folder: Path) -> dict[Pin, Path]:
    """The wheel of every pin, from ``folder`` if it is there, else through pip.  Raises DownloadFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    found = _present(pins, folder)
    missing = [pin for pin in pins if pin not in found]
    if missing:
        _download(missing, folder)
        found = _present(pins, folder)
    for pin in pins:
        if pin not in found:
            raise DownloadFailed(f"{pin.name} {pin.version}: no file in {folder} has the SHA-256 {pin.sha256[:16]}...")
    return found


def _present(pins: list[Pin], folder: Path) -> dict[Pin, Path]:
    files: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(folder.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        files.setdefault((normalised(name), version), []).append(path)
    found = {}
    for pin in pins:
        for path in files.get((normalised(pin.name), pin.version), []):
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == pin.sha256:
                    found[pin] = path
    return found


def _download(pins: list[Pin], folder: Path) -> None:
    platforms = [word for name in _PLATFORMS for word in ("--platform", name)]
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "packages.txt"
        wanted.write_text("\n".join(map(str, pins)) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--require-hashes", *_TARGET, *platforms, "--dest", str(folder), "--requirement", str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise DownloadFailed(f"pip could not download {len(pins)} packages: {errors[-1] if errors else 'no message'}")
