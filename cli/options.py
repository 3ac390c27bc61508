"""Flags that come in groups, and how their values are read."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Named(click.Path):
    """A path that has a name: an empty one, as of an unset variable of a shell, would mean the working directory."""

    def __init__(self, dir_okay: bool = True) -> None:
        super().__init__(dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty name names nothing", param, ctx)
        return super().convert(value, param, ctx)


def listed(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...] | None:
    """``--select BL1,BL201 --select x`` is one list; no flag at all is None."""
    return tuple(part.strip() for entry in given for part in entry.split(",") if part.strip()) if given else None


def _probability(ctx: click.Context, parameter: click.Parameter, given: float | None) -> float | None:
    """A number that is one."""
    if given is not None and math.isnan(given):
        raise click.BadParameter("nan is not a number from 0 to 1")
    return given


def _rules_by_pattern(
    ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, tuple[str, ...]] | None:
    """``tests/**:BL3`` and more of them, as in ruff; several for one pattern add up."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in listed(ctx, parameter, given) or ():
        pattern, colon, rule = (part.strip() for part in entry.rpartition(":"))
        if not (pattern and colon and rule):
            raise click.BadParameter(f"{entry!r} is not PATTERN:RULE, as in `tests/**:BL3`")
        found[pattern] = (*found.get(pattern, ()), rule)
    return found or None


def _confidence_by_pattern(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, float] | None:
    """``tests/**:0.95`` and more of them."""
    found: dict[str, float] = {}
    for entry in listed(ctx, parameter, given) or ():
        pattern, _, number = (part.strip() for part in entry.rpartition(":"))
        try:
            found[pattern] = float(number)
        except ValueError:
            found[pattern] = math.nan
        if not pattern or not 0 <= found[pattern] <= 1:
            raise click.BadParameter(f"{entry!r} is not PATTERN:P with P from 0 to 1, as in `tests/**:0.95`")
    return found or None


def judging_options(command: Command) -> Command:
    """Which findings are reported, and who finds them."""
    return _apply(
        command,
        click.option(
            "--select",
            multiple=True,
            callback=listed,
            metavar="RULES",
            help="Report only these rules (codes, prefixes, names).",
        ),
        click.option("--ignore", multiple=True, callback=listed, metavar="RULES", help="Do not report these rules."),
        click.option(
            "--min-confidence",
            type=click.FloatRange(0, 1),
            callback=_probability,
            metavar="P",
            help="Report from this probability of a real bug on. [default: the model's threshold]",
        ),
        click.option("--model", type=Named(), help="Folder of an exported model. [default: the embedded one]"),
    )


def settings_options(command: Command) -> Command:
    """What can be set for some paths only, and where the scan keeps what it has learnt."""
    return _apply(
        command,
        click.option(
            "--extend-select",
            multiple=True,
            callback=listed,
            metavar="RULES",
            help="Report these rules as well, even if ignored.",
        ),
        click.option(
            "--per-file-ignores",
            multiple=True,
            callback=_rules_by_pattern,
            metavar="PATTERN:RULE",
            help="Do not report the rule in the files that the pattern matches.",
        ),
        click.option(
            "--per-file-min-confidence",
            multiple=True,
            callback=_confidence_by_pattern,
            metavar="PATTERN:P",
            help="Another --min-confidence for the files that the pattern matches.",
        ),
        click.option(
            "--force-exclude/--no-force-exclude", default=None, help="Leave out excluded files even if they are named."
        ),
        click.option("--cache/--no-cache", default=None, help="Keep what the detector said for the next scan. [default: on]"),
        click.option("--cache-dir", type=Named(), help="Keep it in this folder. [default: the user's cache folder]"),
        click.option("--show-settings", is_flag=True, help="Print the settings and where they are from, and stop."),
    )


def change_options(command: Command) -> Command:
    """Only what changed; repairs; what the project's own tests say to them."""
    return _apply(
        command,
        click.option("--diff-base", metavar="REF", help="Report only what is new since the merge base with this git revision."),
        click.option("--staged", is_flag=True, help="Report only what the commit being made brings (for hooks)."),
        click.option("--diff", is_flag=True, help="Print the repairs as a diff instead of the findings."),
        click.option("--fix", is_flag=True, help="Apply the repairs; needs --unsafe-fixes, for a learnt repair is a proposal."),
        click.option("--unsafe-fixes", is_flag=True, help="Let --fix apply repairs that nobody has checked."),
        click.option(
            "--verify", metavar="COMMAND", help="Try the repairs with the project's own tests, in copies of the tree."
        ),
        click.option(
            "--verify-repairs",
            type=click.IntRange(min=1),
            default=10,
            show_default=True,
            metavar="N",
            help="Try the N top repairs.",
        ),
        click.option(
            "--verify-timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=600.0,
            show_default=True,
            metavar="SECONDS",
            help="End a run of the tests after this.",
        ),
        click.option("-w", "--watch", is_flag=True, help="Scan again whenever a file changes, until Ctrl-C."),
    )


def _apply(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
