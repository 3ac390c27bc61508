"""One scan from its files to its report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..scan.config import Settings
from ..scan.files import File
from ..scan.finding import Finding
from ..scan.judge import FileReport
from ..scan.report import COMPLETE, Context, format_by_name
from .output import wants_colour, write_file, write_stdout
from .progress import Progress
from .say import say
from .tally import Tally, count, most_confident

if TYPE_CHECKING:
    from ..scan.engine import Engine
    from .trials import Trial


@dataclass(frozen=True, slots=True)
class Manner:
    """How a scan is reported."""

    output_file: Path | None = None
    statistics: bool = False
    colour: str = "auto"
    quiet: bool = False
    verbose: bool = False
    repairs: str = ""
    """``fix`` applies them first, ``diff`` shows them instead of the findings"""
    trial: Trial | None = None
    only_changes: bool = False
    """so that it is nothing strange if there is nothing to scan"""


def run(files: Sequence[File], settings: Settings, manner: Manner) -> int:
    """Scan and report; returns the number of findings that are not suppressed.  Raises CannotScan."""
    from ..scan.engine import Engine

    began = time.monotonic()
    engine = Engine.prepare(settings)
    model = engine.model
    if manner.verbose:
        say(f"settings: {settings.source or 'defaults'}")
        say(f"model: {model.name}, threshold {engine.threshold:.2f}")
    if not files and not manner.only_changes:
        say("warning: there are no Python files to scan here")
    if manner.repairs == "diff":
        return _show_repairs(engine, files, manner)
    reports = _reports(engine, files, settings, manner)
    tally = Tally()
    as_data = settings.output_format in COMPLETE
    context = Context(model.name, model.sha256, wants_colour(manner.colour, manner.output_file is not None))
    with Progress(len(files), wanted=not manner.quiet) as progress:

        def findings() -> Iterator[Finding]:
            for report in reports:
                progress.advance()
                tally.add(report)
                for remark in report.remarks if manner.verbose else ():
                    progress.clear()
                    say(f"{report.shown}:{remark.row}: {remark.sentence}")
                yield from (finding for finding in report.findings if as_data or not finding.suppressed)

        def pieces() -> Iterator[str]:
            if manner.statistics:
                for _ in findings():
                    pass
                yield from tally.statistics(as_data)
            else:
                chosen = findings() if settings.max_findings is None else most_confident(findings(), settings.max_findings)
                for piece in format_by_name(settings.output_format)(chosen, context):
                    progress.clear()
                    yield piece

        if manner.output_file is not None:
            write_file(pieces(), manner.output_file)
        else:
            write_stdout(pieces(), "utf-8" if as_data else None)
    for complaint in engine.cache.complaints if engine.cache is not None else ():
        say(f"warning: {complaint}")
    if not manner.quiet:
        say(tally.sentence())
    if manner.verbose:
        say(f"{count(tally.lines, 'line')} and {count(tally.units, 'unit')} in {time.monotonic() - began:.1f} s")
    return tally.found


def _reports(engine: Engine, files: Sequence[File], settings: Settings, manner: Manner) -> Iterator[FileReport]:
    """What there is to report on each file, once its repairs were applied or tried if that is wanted."""
    if manner.repairs == "fix":
        from .repairs import fixed

        return iter(fixed(engine, files, list(engine.scan(files)), manner.quiet))
    if manner.trial is not None:
        from .trials import verified

        return iter(verified(engine, files, list(engine.scan(files)), manner.trial, settings.root, manner.quiet))
    return engine.scan(files)


def _show_repairs(engine: Engine, files: Sequence[File], manner: Manner) -> int:
    from .repairs import differences

    repairs, pieces = differences(engine, files, list(engine.scan(files)), manner.quiet)
    if manner.output_file is not None:
        write_file(pieces, manner.output_file)
    else:
        write_stdout(pieces, "utf-8")
    return repairs
