"""Repairs: applied one function at a time, scored again, and kept only where the function then scores clean."""

from __future__ import annotations

import ast
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from .content import Unread, encoding_of, read
from .engine import Engine
from .excerpt import Lines
from .files import File
from .finding import Finding
from .judge import FileReport


@dataclass(slots=True)
class Repaired:
    """A file, the text it had and the text it gets.  ``problem`` says why nothing can be done with it."""

    file: File
    before: bytes
    after: bytes
    report: FileReport
    """on ``after``"""
    applied: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    """repairs after which the function did not score clean"""
    problem: str = ""

    def file_with(self, data: bytes) -> File:
        """The file as if it held ``data``."""
        return replace(self.file, data=data, size=len(data))


def repair(engine: Engine, files: Sequence[File], reports: Sequence[FileReport]) -> list[Repaired]:
    """Try the repairs of all findings that count; the files and their reports correspond.

    Nothing is written.  In every round each file gets its next repair, the most confident one first, and all of them are scored
    together.
    """
    begun = begin(engine, files, reports)
    open_ones = [one for one in begun if not one.problem]
    while pairs := [(one, finding) for one in open_ones if (finding := _next(one)) is not None]:
        trials = [_trial(one, finding) for one, finding in pairs]
        scored = engine.scan([one.file_with(data) for (one, _), data in zip(pairs, trials, strict=True) if data is not None])
        for (one, finding), data in zip(pairs, trials, strict=True):
            if data is not None and _is_clean(one.report, report := next(scored), finding):
                one.after, one.report = data, report
                one.applied.append(finding)
            else:
                one.refused.append(finding)
        next(scored, None)
    return begun


def begin(engine: Engine, files: Sequence[File], reports: Sequence[FileReport]) -> list[Repaired]:
    """The files that have something to repair, with their bytes and a report on exactly these."""
    begun = [_begin(file) for file, report in zip(files, reports, strict=True) if any(map(repairable, report.findings))]
    open_ones = [one for one in begun if not one.problem]
    for one, report in zip(open_ones, engine.scan([one.file_with(one.before) for one in open_ones]), strict=True):
        one.report = report
    return begun


def repairable(finding: Finding) -> bool:
    """Whether there is something to apply."""
    return finding.fix is not None and finding.counts


def edited(text: str, finding: Finding) -> str:
    """``text`` with the repair of ``finding``, whose locations are places in it."""
    assert finding.fix is not None
    lines = Lines(text)
    for edit in sorted(finding.fix.edits, key=lambda edit: edit.location, reverse=True):
        start, end = lines.offset(edit.location), lines.offset(edit.end_location)
        text = text[:start] + edit.content + text[end:]
    return text


def write(one: Repaired) -> bool:
    """Replace the file on disk by its repaired version; False, with ``problem`` set, if that cannot be or must not be done.

    The new bytes are written beside it and renamed over it, so that at any moment one of the two is there whole; links stay
    links.  A file that is no longer what was scanned is left alone.
    """
    path = Path(os.path.realpath(one.file.path))
    if not os.access(path, os.W_OK) and path.exists():
        one.problem = "it is not to be written (see its permissions)"
        return False
    try:
        status = path.stat()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".buglab", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(one.after)
                stream.flush()
                if hasattr(os, "fchmod"):
                    with suppress(OSError):  # not everybody may give files away
                        os.fchown(handle, status.st_uid, status.st_gid)
                    os.fchmod(handle, status.st_mode & 0o7777)
                os.fsync(handle)
            if path.read_bytes() != one.before:
                one.problem = "it was changed meanwhile; scan it again"
                return False
            os.replace(name, path)  # noqa: PTH105
        finally:
            Path(name).unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        one.problem = f"it cannot be written: {error.strerror or error}"
        return False
    return True


def _begin(file: File) -> Repaired:
    nothing = FileReport(file.shown)
    try:
        data = read(file)
        text = data.decode(encoding_of(data))
    except (Unread, SyntaxError, LookupError, ValueError) as error:
        return Repaired(file, b"", b"", nothing, problem=f"it cannot be read: {error}")
    problem = "" if _encode(text, data) == data else "its encoding would not give back the same bytes"
    return Repaired(file, data, data, nothing, problem=problem)


def _next(one: Repaired) -> Finding | None:
    """The most confident finding whose repair was not refused yet."""
    refused = {finding.fingerprint for finding in one.refused}
    waiting = [finding for finding in one.report.findings if repairable(finding) and finding.fingerprint not in refused]
    return max(waiting, key=lambda finding: finding.confidence, default=None)


def _trial(one: Repaired, finding: Finding) -> bytes | None:
    """The file with one more repair; None if the result is no Python any more."""
    text = edited(one.after.decode(encoding_of(one.after)), finding)
    data = _encode(text, one.before)
    if data is None or (_parses(one.after) and not _parses(data)):
        return None
    return data


def _encode(text: str, like: bytes) -> bytes | None:
    """``text`` in the encoding of ``like``, with its byte order mark; None if it cannot be said in it."""
    with suppress(UnicodeError):
        return text.encode(encoding_of(like))
    return None


def _parses(data: bytes) -> bool:
    """Whether the running interpreter takes it for Python (an older one may not know newer syntax)."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_clean(before: FileReport, after: FileReport, finding: Finding) -> bool:
    """Whether the function of ``finding`` has no finding any more, and no other function has one that it had not."""
    left = Counter(map(_who, before.findings))
    left[_who(finding)] -= 1
    return not Counter(map(_who, after.findings)) - left


def _who(finding: Finding) -> tuple[str, str, bool]:
    return finding.function, finding.code, finding.suppressed


def _sync(folder: Path) -> None:
    """Make a rename last; not every system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
