"""A group of commands whose code is imported when one of them runs."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import click

from .exits import Codes


class Lazy(NamedTuple):
    """Where a command is: ``module`` relative to this package, ``attribute`` in it, the ``help`` line shown in the list, and
    the ``extra`` of the package that its imports need."""

    module: str
    attribute: str
    help: str
    extra: str = ""


@contextmanager
def needs(extra: str, command: str) -> Iterator[None]:
    """What is imported inside belongs to an extra of the package; where that is not installed, one sentence says how to."""
    try:
        yield
    except ModuleNotFoundError as error:
        if not extra or (error.name or "").partition(".")[0] == "buglab":
            raise
        raise click.ClickException(
            f"`buglab {command}` needs {error.name}, which is not installed; pip install 'buglab[{extra}]'"
        ) from None


class LazyGroup(Codes, click.Group):
    """Lists its commands from a table and imports only the one that is called."""

    def __init__(self, *args: Any, table: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        with needs(entry.extra, cmd_name):
            module = importlib.import_module(entry.module, __package__)
        command: click.Command = getattr(module, entry.attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.table:
            from difflib import get_close_matches

            close = get_close_matches(args[0], list(self.table), n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(self.table)}."
            ctx.fail(f"no command is called {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.table.items()])
