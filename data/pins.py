"""Lists of packages with pinned versions and hashes, and their download.

Wheels are taken for one fixed platform, so that every machine gets the same files, and through pip.  Source distributions are
taken from the index itself, since pip would run their build scripts: here both are archives that are read, never installed,
and nothing in them is run.

    python -m buglab.data.pins NAME...      # maintenance: prints the lines of a list for the newest wheels
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from .heldout import Guard, HeldOut, normalised
from .home import home

_LINE = re.compile(r"^([A-Za-z0-9][\w.-]*)==([\w.!+]+)\s+--hash=sha256:([0-9a-f]{64})$")
_TARGET = ["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "abi3", "--abi", "none"]
_PLATFORMS = ("any", "manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in (17, 26, 27, 28)))
_ARCHIVES = (".whl", ".tar.gz", ".zip")


class DownloadFailed(Exception):
    """A package could not be fetched, or is not the one that was pinned."""


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    sha256: str
    sdist: bool = False

    def __str__(self) -> str:
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def read_pins(path: Path, guard: Guard) -> list[Pin]:
    """The packages that ``path`` lists, in pip's own notation: ``name==version --hash=sha256:...``, one a line.

    A line ``--no-binary name`` says that a package further down is a source distribution, ``-r FILE`` takes in another list.
    Raises HeldOut if one of them must never be learned from.
    """
    pins: list[Pin] = []
    sdists: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        if line.startswith("--no-binary "):
            sdists.update(map(normalised, line.removeprefix("--no-binary ").split(",")))
            continue
        if line.startswith("-r "):
            pins += read_pins(path.parent / line.removeprefix("-r ").strip(), guard)
            continue
        found = _LINE.match(line)
        if not found:
            raise ValueError(f"{path}:{number}: {line!r} is not `name==version --hash=sha256:<64 digits>`")
        if guard.holds_distribution(found[1]):
            raise HeldOut(f"{path}:{number}: {found[1]} is held out to judge BugLab; take it off the list")
        pins.append(Pin(found[1], found[2], found[3], normalised(found[1]) in sdists))
    return pins


def fetch(pins: list[Pin], folder: Path) -> dict[Pin, Path]:
    """The archive of every pin, from ``folder`` if it is there, else from the index.  Raises DownloadFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    found = _present(pins, folder)
    missing = [pin for pin in pins if pin not in found]
    if wheels := [pin for pin in missing if not pin.sdist]:
        _download_wheels(wheels, folder)
    for pin in missing:
        if pin.sdist:
            _download_sdist(pin, folder)
    found = _present(pins, folder) if missing else found
    for pin in pins:
        if pin not in found:
            raise DownloadFailed(f"{pin.name} {pin.version}: no file in {folder} has the SHA-256 {pin.sha256[:16]}...")
    return {pin: found[pin] for pin in pins}


def named(path: Path) -> tuple[str, str]:
    """Normalised name and version that the file name of a wheel or source distribution states; empty where it states none."""
    if path.suffix == ".whl":
        name, version = [*path.name.split("-"), ""][:2]
    else:
        name, _, version = re.sub(r"\.(tar\.\w+|tgz|zip)$", "", path.name).rpartition("-")
    return normalised(name), version


def _present(pins: list[Pin], folder: Path) -> dict[Pin, Path]:
    files: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.endswith(_ARCHIVES):
            files.setdefault(named(path), []).append(path)
    found = {}
    for pin in pins:
        for path in files.get((normalised(pin.name), pin.version), []):
            if _sha256(path) == pin.sha256:
                found[pin] = path
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download_wheels(pins: list[Pin], folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "packages.txt"
        wanted.write_text("\n".join(map(str, pins)) + "\n", encoding="utf-8")
        _pip(["--require-hashes", "--requirement", str(wanted)], folder, f"{len(pins)} packages")


def _pip(wanted: Sequence[str], folder: Path, what: str) -> None:
    platforms = [word for name in _PLATFORMS for word in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += [*_TARGET, *platforms, "--dest", str(folder), *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise DownloadFailed(f"pip could not download {what}: {errors[-1] if errors else 'no message'}")


def _download_sdist(pin: Pin, folder: Path) -> None:
    """Fetch the file with the pinned hash by the index's simple API (PEP 691, or PEP 503 where it only speaks HTML)."""
    address = f"{index()}/{normalised(pin.name)}/"
    accepted = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accepted}), timeout=60) as answer:
            listing, kind = answer.read().decode("utf-8"), answer.headers.get_content_type()
        if kind.endswith("+json"):
            files = [(file["url"], file["hashes"].get("sha256", "")) for file in json.loads(listing)["files"]]
        else:
            files = re.findall(r"href=[\"']([^\"'#]+)#sha256=([0-9a-f]{64})", listing)
        url = next((urljoin(address, url) for url, digest in files if digest == pin.sha256), "")
        if not url:
            raise DownloadFailed(f"{pin.name} {pin.version}: the index has no file with the SHA-256 {pin.sha256[:16]}...")
        with urllib.request.urlopen(url, timeout=60) as answer:
            content = answer.read()
    except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
        raise DownloadFailed(f"{pin.name} {pin.version}: the index could not be asked for it ({error})") from error
    if hashlib.sha256(content).hexdigest() != pin.sha256:
        raise DownloadFailed(f"{pin.name} {pin.version}: what the index sent has another SHA-256 than was pinned")
    target = folder / url.rpartition("/")[2]
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(target)


def index() -> str:
    """The package index that pip is set to use."""
    asked = os.environ.get("PIP_INDEX_URL", "")
    usual = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"  # pip's own default, which no setting names
    for arguments in (["-m", "pip", "config", "get", "global.index-url"], ["-c", usual]):
        if not asked:
            command = [sys.executable, *arguments]
            asked = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return asked.rstrip("/")


def main(names: Sequence[str]) -> None:
    """Print a line for the newest wheel of each name; names that are held out, or have no wheel, are said and left out."""
    guard, folder = Guard.load(), home() / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(names, key=str.lower):
        try:
            if guard.holds_distribution(name):
                raise HeldOut(f"{name} is held out to judge BugLab")
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                _pip([name], Path(scratch), name)
                (path,) = Path(scratch).iterdir()
                print(Pin(name, named(path)[1], _sha256(path)), flush=True)
                path.replace(folder / path.name)
        except (DownloadFailed, HeldOut) as error:
            print(error, file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
