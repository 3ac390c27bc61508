"""What sources have in common: a project with its files, and how its metadata tell whether it is held out."""

from __future__ import annotations

import email.parser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath

from .code_file import CodeFile
from .header import Project
from .heldout import Guard, HeldOut
from .licences import UNKNOWN, of_files, of_metadata

METADATA_FILES = frozenset({"pyproject.toml", "PKG-INFO", "METADATA", "setup.cfg", "setup.py"})
_ADDRESS_LABELS = {"homepage", "home", "home page", "source", "source code", "repository", "code", "github"}


@dataclass
class Listing:
    """One project and all its Python files, before anything is left out."""

    project: Project
    files: list[CodeFile]
    held_out: int = 0
    """files that belong to held-out projects by their metadata; they are not in ``files``"""
    root: str = ""
    """name of the folder that the paths begin in, where it could tell something"""


def parsed(text: str) -> Message:
    """Core metadata (METADATA, PKG-INFO)."""
    return email.parser.Parser().parsestr(text, headersonly=True)


def project_of(meta: Message, guard: Guard, where: str, origin: str = "", licences: Mapping[str, str] | None = None) -> Project:
    """Name, version, licence and origin by core metadata; ``where`` is for messages.  Raises HeldOut."""
    name = str(meta["Name"])
    addresses = _addresses(meta)
    if guard.holds_distribution(name) or any(map(guard.holds_repository, addresses)):
        raise HeldOut(f"{where} is {name}, which is held out to judge BugLab; take it off the list")
    return Project(name, str(meta["Version"]), of_metadata(meta, licences), origin or next(filter(None, addresses), ""))


def _addresses(meta: Message) -> list[str]:
    labelled = [str(line).split(",", 1) for line in meta.get_all("Project-URL") or [] if "," in str(line)]
    addresses = [address.strip() for label, address in labelled if label.strip().lower() in _ADDRESS_LABELS]
    return [*addresses, str(meta["Home-page"] or "")]


def held_out_folders(texts: Iterable[tuple[str, str]], guard: Guard) -> set[str]:
    """The folders that belong to held-out projects, told by metadata files given as (path, text); ``.`` is the root."""
    return {
        str(PurePosixPath(path).parent)
        for path, text in texts
        if any(guard.holds_distribution(name) for name in _names(PurePosixPath(path).name, text))
    }


def without(files: Iterable[CodeFile], folders: set[str]) -> tuple[list[CodeFile], int]:
    """The files that are below none of ``folders``, and the number of the others."""
    every = list(files)
    if not folders:
        return every, 0
    kept = [file for file in every if folders.isdisjoint(map(str, PurePosixPath(file.path).parents))]
    return kept, len(every) - len(kept)


def stated(texts: Mapping[str, str], licences: Mapping[str, str]) -> tuple[str, str]:
    """Version and licence by the metadata files (name -> text) of a project's root and the licence files beside them."""
    for name in ("PKG-INFO", "METADATA"):
        if name in texts:
            meta = parsed(texts[name])
            return str(meta["Version"] or ""), of_metadata(meta, licences)
    table = _toml(texts.get("pyproject.toml", "")).get("project", {})
    given: object = table.get("license", "")
    written = given.get("text", "") if isinstance(given, dict) else given
    known = of_files(licences)
    line = str(written).strip().partition("\n")[0][:80]
    return str(table.get("version", "")), line or known or UNKNOWN


def _names(kind: str, text: str) -> Iterator[str]:
    """Names of distributions that a metadata file states."""
    if kind == "pyproject.toml":
        tables = _toml(text)
        yield str(tables.get("project", {}).get("name", ""))
        yield str(tables.get("tool", {}).get("poetry", {}).get("name", ""))
        return
    pattern = r"^\s*name\s*[:=]\s*[\"']?([\w.-]+)" if kind != "setup.py" else r"\bname\s*=\s*[\"']([\w.-]+)[\"']"
    yield from (match[1] for match in re.finditer(pattern, text[:100_000], re.IGNORECASE | re.MULTILINE))


def _toml(text: str) -> dict[str, dict[str, dict[str, object]]]:
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {name: table for name, table in found.items() if isinstance(table, dict)}
