"""``buglab scan``, also installed as ``bug-scan``."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..scan.report import FORMATS
from .exits import FOUND, Codes

if TYPE_CHECKING:
    from ..scan.config import Settings
    from ..scan.files import File

STDIN = Path("-")

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Files are analysed side by side; threads within a matrix product would only get into each other's way."""


def _codes(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...] | None:
    """``--select BL1,BL201 --select x`` is one list; no flag at all is None."""
    return tuple(part.strip() for entry in given for part in entry.split(",") if part.strip()) if given else None


def _probability(ctx: click.Context, parameter: click.Parameter, given: float | None) -> float | None:
    if given is not None and math.isnan(given):
        raise click.BadParameter("nan is not a number from 0 to 1")
    return given


@click.command(
    cls=Codes,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing found, 1 findings, 2 the job could not be done, 130 interrupted.",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--select", multiple=True, callback=_codes, metavar="RULES", help="Report only these rules (codes, prefixes, names)."
)
@click.option("--ignore", multiple=True, callback=_codes, metavar="RULES", help="Do not report these rules.")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    callback=_probability,
    metavar="P",
    help="Report from this probability of a real bug on. [default: the model's threshold]",
)
@click.option("--output-format", type=click.Choice(list(FORMATS)), help="[default: full]")
@click.option("-o", "--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.option(
    "--exclude", multiple=True, callback=_codes, metavar="PATTERNS", help="Leave these out in place of the default list."
)
@click.option("--extend-exclude", multiple=True, callback=_codes, metavar="PATTERNS", help="Leave these out as well.")
@click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what git ignores. [default: on]")
@click.option(
    "--baseline", type=click.Path(path_type=Path, dir_okay=False), help="Report only what this file of `buglab baseline` lacks."
)
@click.option("--model", type=click.Path(path_type=Path), help="Folder of an exported model. [default: the embedded one]")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes. [default: as many as are useful]")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--max-findings", type=click.IntRange(min=0), metavar="N", help="Report only the N most confident findings.")
@click.option("--statistics", is_flag=True, help="Report the number of findings of each rule instead.")
@click.option("--show-files", is_flag=True, help="List the files that would be scanned and stop.")
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="Name of what is read from standard input (path `-`).")
@click.option("--config", type=click.Path(path_type=Path), help="Read the settings from this TOML file.")
@click.option("--isolated", is_flag=True, help="Read no configuration.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is done, and list comments that suppress nothing.")
@click.version_option(__version__, "--version", "-V", message="%(prog)s %(version)s")
def scan(
    paths: tuple[Path, ...],
    output_file: Path | None,
    exit_zero: bool,
    statistics: bool,
    show_files: bool,
    stdin_filename: Path | None,
    config: Path | None,
    isolated: bool,
    color: str,
    quiet: bool,
    verbose: bool,
    **flags: Any,
) -> int:
    """Report probable bugs in the Python files PATHS and below the folders PATHS (default: the working directory).

    Findings go to standard output, everything else to standard error.
    """
    from ..scan.config import find_settings
    from ..scan.files import find_files

    if isolated and config is not None:
        raise click.UsageError("--isolated and --config exclude each other")
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("`-` (standard input) cannot be scanned together with other paths")
    if stdin_filename is not None and STDIN not in paths:
        raise click.UsageError("--stdin-filename only makes sense with the path `-`")
    places = [stdin_filename or Path("<stdin>")] if STDIN in paths else list(paths or [Path()])
    settings = find_settings([place.absolute() for place in places], config, isolated).with_flags(flags)
    files = [_standard_input(places[0], settings)] if STDIN in paths else find_files(places, settings)
    if show_files:
        from .output import write_stdout

        write_stdout(file.shown + "\n" for file in files)
        return 0
    os.environ.update({name: "1" for name in ONE_THREAD if name not in os.environ})  # numpy reads them when it is imported
    from .run import Manner, run

    found = run(files, settings, Manner(output_file, statistics, color, quiet, verbose))
    return FOUND if found and not exit_zero else 0


def _standard_input(name: Path, settings: Settings) -> File:
    from ..scan.files import named_file

    return named_file(name, settings, sys.stdin.buffer.read())
