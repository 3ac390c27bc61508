"""Wheels and source distributions as sources: archives that are read; nothing is unpacked, and nothing in them is run."""

from __future__ import annotations

import re
import zlib
from pathlib import Path, PurePosixPath

from .code_file import ARCHIVE_ERRORS, CodeFile, DamagedArchive, is_zip, read_member, tar_archive, zip_archive
from .heldout import Guard, HeldOut
from .licences import LICENCE_FILE
from .provenance import METADATA_FILES, Listing, held_out_folders, parsed, project_of, without

_LARGEST_TEXT = 200_000
_WHEEL_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_WHEEL_LICENCE = re.compile(rf"[^/]+\.dist-info/(?:licenses/)?{LICENCE_FILE.pattern}", re.IGNORECASE)


def archive(path: Path, guard: Guard, sha256: str = "") -> Listing:
    """A wheel or a source distribution; ``sha256`` of the file becomes its origin.

    Raises HeldOut for a held-out project, DamagedArchive, ValueError for an archive that is neither, FileNotFoundError.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; `archives` lists wheels and source distributions")
    origin = f"sha256:{sha256}" if sha256 else ""
    return _wheel(path, guard, origin) if path.suffix == ".whl" else _sdist(path, guard, origin)


def _wheel(path: Path, guard: Guard, origin: str) -> Listing:
    members = {member.filename: member for member in zip_archive(path).infolist() if not member.is_dir()}
    metadata = [name for name in members if _WHEEL_METADATA.fullmatch(name)]
    if not metadata:
        raise ValueError(f"{path}: a wheel without METADATA")
    licences = {name: _text(path, name) for name in members if _WHEEL_LICENCE.fullmatch(name)}
    project = project_of(parsed(_text(path, metadata[0])), guard, path.name, origin, licences)
    files = [CodeFile(path, name, name, member.file_size, member.CRC) for name, member in members.items() if _python(name)]
    return Listing(project, files)


def _sdist(path: Path, guard: Guard, origin: str) -> Listing:
    if is_zip(path):
        members = [(m.filename, m.file_size, m.CRC) for m in zip_archive(path).infolist() if not m.is_dir()]
    else:
        members = _tar_members(path)
    below = {name: name.partition("/")[2] for name, _, _ in members}
    if sum(inner == "PKG-INFO" for inner in below.values()) != 1:
        raise ValueError(f"{path}: neither a wheel nor a source distribution (there is no PKG-INFO in its one folder)")
    texts = {inner: _text(path, name) for name, inner in below.items() if PurePosixPath(inner).name in METADATA_FILES}
    licences = {inner: _text(path, name) for name, inner in below.items() if LICENCE_FILE.fullmatch(inner)}
    project = project_of(parsed(texts["PKG-INFO"]), guard, path.name, origin, licences)
    foreign = held_out_folders(texts.items(), guard)
    if "." in foreign:
        raise HeldOut(f"{path.name} is a held-out project by its metadata; take it off the list")
    files = [CodeFile(path, name, below[name], size, stamp) for name, size, stamp in members if _python(below[name])]
    return Listing(project, *without(files, foreign))


def _tar_members(path: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and checksums of the ordinary files, in the order of the archive."""
    found = []
    try:
        opened = tar_archive(path)
        for member in opened:
            content = opened.extractfile(member) if member.isreg() else None
            if content is not None:
                checksum = zlib.crc32(content.read()) if _python(member.name) else 0
                found.append((member.name, member.size, checksum))
    except ARCHIVE_ERRORS as error:
        raise DamagedArchive(path, error) from error
    return found


def _python(name: str) -> bool:
    return name.endswith(".py")


def _text(path: Path, member: str) -> str:
    return read_member(path, member)[:_LARGEST_TEXT].decode("utf-8", "replace")
