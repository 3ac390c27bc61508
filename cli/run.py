"""One scan from its files to its report."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..scan.config import Settings
from ..scan.files import File
from ..scan.finding import Finding
from ..scan.report import FORMATS, Context, format_by_name
from .output import wants_colour, write_file, write_stdout
from .progress import Progress
from .tally import Tally, count, most_confident

if TYPE_CHECKING:
    from ..scan.baseline import Known
    from ..scan.runtime import Runtime


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
    runtime = engine.analyser.runtime
    if manner.verbose:
        _note(f"settings: {settings.source or 'defaults'}")
        _note(f"model: {runtime.name}, threshold {engine.analyser.threshold:.2f}")
    for sentence in () if manner.quiet else engine.warnings():
        _note(f"warning: {sentence}")
    if not files:
        _note("warning: there are no Python files to scan here")
    known = _baseline(settings, runtime)
    tally = Tally()
    kind = FORMATS[settings.output_format]
    colour = wants_colour(manner.colour, manner.output_file is not None)
    context = Context(runtime.name, runtime.sha256, colour, runtime.meaning, *_place())
    with Progress(len(files), wanted=not manner.quiet) as progress:

        def findings() -> Iterator[Finding]:
            reports = engine.scan(files)
            for report in known.mark(reports) if known else reports:
                progress.advance()
                tally.add(report)
                for remark in report.remarks if manner.verbose else ():
                    progress.clear()
                    _note(f"{report.shown}:{remark.row}: {remark.sentence}")
                yield from (finding for finding in report.findings if kind.complete or finding.counts)

        def pieces() -> Iterator[str]:
            if manner.statistics:
                for _ in findings():
                    pass
                yield from tally.statistics(settings.output_format in ("json", "json-lines"))
            else:
                chosen = findings() if settings.max_findings is None else most_confident(findings(), settings.max_findings)
                for piece in format_by_name(settings.output_format)(chosen, context):
                    progress.clear()
                    yield piece

        if manner.output_file is not None:
            write_file(pieces(), manner.output_file)
        else:
            write_stdout(pieces(), "utf-8" if kind.data else None)
    if not manner.quiet:
        _note(tally.sentence())
    if manner.verbose and known and (gone := known.gone({file.key for file in files}, engine.analyser.brief.codes)):
        _note(f"no longer found: {count(gone, 'finding')} of the baseline; `buglab baseline update` drops them")
    if manner.verbose:
        _note(f"{count(tally.lines, 'line')} and {count(tally.units, 'unit')} in {time.monotonic() - began:.1f} s")
    return tally.found


def _baseline(settings: Settings, runtime: Runtime) -> Known | None:
    if settings.baseline is None:
        return None
    from ..scan.baseline import Baseline, Known

    baseline = Baseline.load(settings.baseline)
    if strange := baseline.strange_to(runtime.name, runtime.sha256):
        _note(f"note: {strange}")
    return Known(baseline)


def _place() -> tuple[str, str]:
    """The folder of the repository that the working directory lies in, else that itself; and how to get from there to here."""
    here = Path.cwd()
    top = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return top.as_posix(), "" if here == top else here.relative_to(top).as_posix()


def _note(sentence: str) -> None:
    print(
        sentence.encode(sys.stderr.encoding or "utf-8", "backslashreplace").decode(sys.stderr.encoding or "utf-8"),
        file=sys.stderr,
    )
