"""``buglab scan``, also installed as ``bug-scan``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..scan.report import FORMATS
from .choice import STDIN, Choice
from .exits import FOUND, Codes
from .options import Named, change_options, judging_options, listed, settings_options

if TYPE_CHECKING:
    from .trials import Trial

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Files are analysed side by side; threads within a matrix product would only get into each other's way."""

EXCLUDED = {
    "--diff-base": ("--staged",),
    "--diff": ("--fix", "--verify", "--statistics"),
    "--fix": ("--verify",),
    "--watch": ("--fix", "--verify", "--output-file"),
    "standard input": ("--fix", "--verify", "--watch"),
}
"""Flags that make no sense together."""


@click.command(
    cls=Codes,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing found, 1 findings, 2 the job could not be done, 130 interrupted.",
)
@click.argument("paths", nargs=-1, type=Named())
@judging_options
@click.option("--output-format", type=click.Choice(list(FORMATS)), help="[default: full]")
@click.option("-o", "--output-file", type=Named(dir_okay=False), help="Write the report to this file.")
@click.option(
    "--exclude", multiple=True, callback=listed, metavar="PATTERNS", help="Leave these out in place of the default list."
)
@click.option("--extend-exclude", multiple=True, callback=listed, metavar="PATTERNS", help="Leave these out as well.")
@click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what git ignores. [default: on]")
@click.option("--baseline", type=Named(dir_okay=False), help="Report only what this file of `buglab baseline` lacks.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes. [default: as many as are useful]")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--max-findings", type=click.IntRange(min=0), metavar="N", help="Report only the N most confident findings.")
@settings_options
@change_options
@click.option("--statistics", is_flag=True, help="Report the number of findings of each rule instead.")
@click.option("--show-files", is_flag=True, help="List the files that would be scanned and stop.")
@click.option("--stdin-filename", type=Named(), help="Name of what is read from standard input (path `-`).")
@click.option("--config", type=Named(), help="Read the settings from this TOML file.")
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
    show_settings: bool,
    diff_base: str | None,
    staged: bool,
    diff: bool,
    fix: bool,
    unsafe_fixes: bool,
    verify: str | None,
    verify_repairs: int,
    verify_timeout: float,
    watch: bool,
    **flags: Any,
) -> int:
    """Report probable bugs in the Python files PATHS and below the folders PATHS (default: the working directory).

    Findings go to standard output, everything else to standard error.
    """
    if isolated and config is not None:
        raise click.UsageError("--isolated and --config exclude each other")
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("`-` (standard input) cannot be scanned together with other paths")
    if stdin_filename is not None and STDIN not in paths:
        raise click.UsageError("--stdin-filename only makes sense with the path `-`")
    _refuse_together(
        {
            "standard input": STDIN in paths,
            "--diff-base": diff_base is not None,
            "--staged": staged,
            "--diff": diff,
            "--fix": fix,
            "--verify": verify is not None,
            "--statistics": statistics,
            "--watch": watch,
            "--output-file": output_file is not None,
        }
    )
    given = _stdin() if STDIN in paths else None
    chosen = Choice(paths, stdin_filename, given, config, isolated, flags, diff_base, staged)
    if show_settings:
        from .output import write_stdout
        from .show import lines

        write_stdout(lines(chosen.settings()))
        return 0
    if show_files:
        from .output import write_stdout

        write_stdout(file.shown + "\n" for file in chosen.files(chosen.settings()))
        return 0
    os.environ.update({name: "1" for name in ONE_THREAD if name not in os.environ})  # numpy reads them when it is imported
    from .run import Manner, run
    from .say import say

    if fix and not unsafe_fixes:
        say("Nothing is repaired: a learnt repair is a proposal, never safe. Look at it with --diff, then add --unsafe-fixes.")
    repairs = "diff" if diff else "fix" if fix and unsafe_fixes else ""
    trial = _trial(verify, verify_repairs, verify_timeout)
    only_changes = staged or diff_base is not None
    manner = Manner(output_file, statistics, color, quiet, verbose, repairs, trial, only_changes)
    if watch:
        from .watch import watch as keep_scanning

        keep_scanning(chosen, lambda settings, files: run(files, settings, manner))
    settings = chosen.settings()
    found = run(chosen.files(settings), settings, manner)
    return FOUND if found and not exit_zero else 0


def _stdin() -> bytes:
    if sys.stdin is None:
        raise click.UsageError("standard input is closed, so there is nothing to read for the path `-`")
    return sys.stdin.buffer.read()


def _trial(command: str | None, repairs: int, timeout_s: float) -> Trial | None:
    if command is None:
        return None
    from .trials import Trial

    return Trial(command, repairs, timeout_s)


def _refuse_together(given: Mapping[str, bool]) -> None:
    """Raises click.UsageError for flags that exclude each other."""
    for one, others in EXCLUDED.items():
        for other in others:
            if given[one] and given[other]:
                raise click.UsageError(f"{one} and {other} exclude each other")
