"""One scan from its files to its report."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..scan.config import Settings
from ..scan.files import File
from ..scan.finding import Finding
from ..scan.report import COMPLETE, Context, format_by_name
from .output import wants_colour, write_file, write_stdout
from .progress import Progress
from .tally import Tally, count, most_confident


@dataclass(frozen=True, slots=True)
class Manner:
    """How a scan is reported."""

    output_file: Path | None = None
    statistics: bool = False
    colour: str = "auto"
    quiet: bool = False
    verbose: bool = False


def run(files: Sequence[File], settings: Settings, manner: Manner) -> int:
    """Scan and report; returns the number of findings that are not suppressed.  Raises CannotScan."""
    from ..scan.engine import Engine

    began = time.monotonic()
    engine = Engine.prepare(settings)
    model = engine.model
    if manner.verbose:
        _note(f"settings: {settings.source or 'defaults'}")
        _note(f"model: {model.name}, threshold {engine.threshold:.2f}")
    if not files:
        _note("warning: there are no Python files to scan here")
    tally = Tally()
    as_data = settings.output_format in COMPLETE
    context = Context(model.name, model.sha256, wants_colour(manner.colour, manner.output_file is not None))
    with Progress(len(files), wanted=not manner.quiet) as progress:

        def findings() -> Iterator[Finding]:
            for report in engine.scan(files):
                progress.advance()
                tally.add(report)
                for remark in report.remarks if manner.verbose else ():
                    progress.clear()
                    _note(f"{report.shown}:{remark.row}: {remark.sentence}")
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
    if not manner.quiet:
        _note(tally.sentence())
    if manner.verbose:
        _note(f"{count(tally.lines, 'line')} and {count(tally.units, 'unit')} in {time.monotonic() - began:.1f} s")
    return tally.found


def _note(sentence: str) -> None:
    print(
        sentence.encode(sys.stderr.encoding or "utf-8", "backslashreplace").decode(sys.stderr.encoding or "utf-8"),
        file=sys.stderr,
    )
