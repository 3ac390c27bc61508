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
from ..scan.report import FORMATS, Context, format_by_name
from .output import wants_colour, write_file, write_stdout
from .progress import Progress
from .say import say
from .tally import Tally, count, most_confident

if TYPE_CHECKING:
    from ..scan.baseline import Known
    from ..scan.engine import Engine
    from ..scan.model import Model
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
    """Scan and report; returns the number of findings that count.  Raises CannotScan."""
    from ..scan.engine import Engine

    began = time.monotonic()
    engine = Engine.prepare(settings)
    model = engine.model
    if manner.verbose:
        say(f"settings: {settings.source or 'defaults'}")
        say(f"model: {model.name}, threshold {engine.threshold:.2f}")
    for sentence in () if manner.quiet else engine.warnings():
        say(f"warning: {sentence}")
    if not files and not manner.only_changes:
        say("warning: there are no Python files to scan here")
    known = engine.baseline = _baseline(settings, model)
    if manner.repairs == "diff":
        return _show_repairs(engine, files, manner)
    reports = _reports(engine, files, settings, manner)
    tally = Tally()
    kind = FORMATS[settings.output_format]
    colour = wants_colour(manner.colour, manner.output_file is not None)
    context = Context(model.name, model.sha256, colour, model.meaning, *_place())
    with Progress(len(files), wanted=not manner.quiet) as progress:

        def findings() -> Iterator[Finding]:
            for report in reports:
                progress.advance()
                tally.add(report)
                for remark in report.remarks if manner.verbose else ():
                    progress.clear()
                    say(f"{report.shown}:{remark.row}: {remark.sentence}")
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
    for complaint in engine.cache.complaints if engine.cache is not None else ():
        say(f"warning: {complaint}")
    if not manner.quiet:
        say(tally.sentence())
    if manner.verbose and known and not manner.only_changes:
        gone = known.gone({file.key for file in files}, engine.judge.policy.codes_for)
        if gone:
            say(f"no longer found: {count(gone, 'finding')} of the baseline; `buglab baseline update` drops them")
    if manner.verbose:
        say(f"{count(tally.lines, 'line')} and {count(tally.units, 'unit')} in {time.monotonic() - began:.1f} s")
    return tally.found


def _baseline(settings: Settings, model: Model) -> Known | None:
    if settings.baseline is None:
        return None
    from ..scan.baseline import Baseline, Known

    baseline = Baseline.load(settings.baseline)
    if strange := baseline.strange_to(model.name, model.sha256):
        say(f"note: {strange}")
    return Known(baseline)


def _place() -> tuple[str, str]:
    """The folder of the repository that the working directory lies in, else that itself; and how to get from there to here."""
    here = Path.cwd()
    top = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return top.as_posix(), "" if here == top else here.relative_to(top).as_posix()


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
