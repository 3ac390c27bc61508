"""``buglab baseline``: the findings a project has decided to live with."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .exits import Codes
from .progress import Progress
from .scan import ONE_THREAD, scan
from .tally import count

if TYPE_CHECKING:
    from ..scan.baseline import Baseline, Entry
    from ..scan.config import Settings
    from ..scan.engine import Engine
    from ..scan.finding import Finding

DEFAULT = "buglab-baseline.json"

PLACE = ("baseline", "config", "isolated")
SCANNED = (
    "paths",
    "select",
    "ignore",
    "extend_select",
    "per_file_ignores",
    "min_confidence",
    "per_file_min_confidence",
    "exclude",
    "extend_exclude",
    "force_exclude",
    "respect_gitignore",
    "cache",
    "cache_dir",
    "model",
    "jobs",
    *PLACE,
)
"""Parameters that mean here what they mean to ``buglab scan``."""


class Group(Codes, click.Group):
    """Commands that end with our exit codes."""


@click.group(cls=Group)
def baseline() -> None:
    """The findings a project has decided to live with: scans with --baseline report only what is new.

    The file is the one given with --baseline, else the one configured, else buglab-baseline.json in the project's root.
    """


def _command(names: tuple[str, ...]) -> Callable[[Callable[..., int]], click.Command]:
    """A command below ``baseline`` that takes these parameters of ``buglab scan``."""
    return baseline.command(params=[parameter for parameter in scan.params if parameter.name in names])


@_command(SCANNED)
def write(paths: tuple[Path, ...], config: Path | None, isolated: bool, **flags: Any) -> int:
    """Write all findings of a scan as the baseline, in place of what it was.

    Write it from a scan of the whole project: what is not scanned is not in it.
    """
    from ..scan.baseline import Baseline

    settings, path = _settings(paths, config, isolated, flags)
    engine, found, _ = _scan(paths, settings)
    model = engine.model
    _replace(path, Baseline(model.name, model.sha256, found))
    click.echo(f"{path}: {count(len(found), 'finding')}, found by model {model.name}.")
    return 0


@_command(SCANNED)
def update(paths: tuple[Path, ...], config: Path | None, isolated: bool, **flags: Any) -> int:
    """Drop what is no longer found, and what lies in files that are gone; nothing is added.

    With PATHS or rules given, only these are looked at; all other entries stay.
    """
    from ..scan.baseline import Baseline, remaining

    settings, path = _settings(paths, config, isolated, flags)
    stored = Baseline.load(path)
    engine, found, scanned = _scan(paths, settings)
    if strange := stored.strange_to(engine.model.name, engine.model.sha256):
        click.echo(f"note: {strange}", err=True)
    gone = {entry.path for entry in stored.entries if not (settings.root / entry.path).exists()}
    kept = remaining(stored, found, scanned | gone, engine.judge.policy.codes_for)
    new = sum((Counter(entry.fingerprint for entry in found) - Counter(entry.fingerprint for entry in kept)).values())
    dropped = len(stored.entries) - len(kept)
    if dropped:
        stored.entries = kept
        _replace(path, stored)
    added = f"; {count(new, 'finding')} not in it stay out" if new else ""
    click.echo(f"{path}: {dropped:,} dropped, {count(len(kept), 'finding')} left{added}.")
    return 0


@_command(PLACE)
def show(config: Path | None, isolated: bool, **flags: Any) -> int:
    """List the baseline, file by file."""
    from ..scan.baseline import Baseline
    from ..scan.report.terminal import printable
    from .output import write_stdout

    _, path = _settings((), config, isolated, flags)
    stored = Baseline.load(path)
    write_stdout(
        f"{printable(entry.path)}: {entry.code} in {printable(entry.function)}: {printable(entry.message)}\n"
        for entry in sorted(stored.entries)
    )
    click.echo(f"{count(len(stored.entries), 'finding')}, written with model {stored.model} ({stored.sha256[:12]}).", err=True)
    return 0


def _settings(paths: tuple[Path, ...], config: Path | None, isolated: bool, flags: dict[str, Any]) -> tuple[Settings, Path]:
    from ..scan.config import find_settings

    settings = find_settings([path.absolute() for path in paths or (Path(),)], config, isolated).with_flags(flags)
    return settings, settings.baseline or settings.root / DEFAULT


def _scan(paths: tuple[Path, ...], settings: Settings) -> tuple[Engine, list[Entry], set[str]]:
    """The engine, what it found, and the paths of all files that it looked at, relative to the project's root."""
    os.environ.update({name: "1" for name in ONE_THREAD if name not in os.environ})  # numpy reads them when it is imported
    from ..scan.baseline import entries
    from ..scan.engine import Engine
    from ..scan.files import find_files

    files = find_files(list(paths or (Path(),)), settings)
    engine = Engine.prepare(settings)
    found: list[tuple[str, Finding]] = []
    with Progress(len(files)) as progress:
        for file, report in zip(files, engine.scan(files), strict=True):
            found += [(file.key, finding) for finding in report.findings]
            progress.advance()
    return engine, entries(found), {file.key for file in files}


def _replace(path: Path, new: Baseline) -> None:
    from .output import write_file

    write_file([new.text()], path)
