"""``buglab rules`` and ``buglab rule``."""

from __future__ import annotations

import json

import click
from click.shell_completion import CompletionItem

from ..scan.catalogue import Entry, catalogue
from ..scan.page import page
from .exits import Codes

FORMAT = click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.command(cls=Codes)
@FORMAT
def rules(output_format: str) -> None:
    """List the rules."""
    if output_format == "json":
        click.echo(json.dumps([_record(entry) for entry in catalogue()], indent=2, ensure_ascii=False))
        return
    width = max(len(entry.name) for entry in catalogue())
    for entry in catalogue():
        click.echo(f"{entry.code}  {entry.name:<{width}}  {entry.summary}")


def _codes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For shells that complete."""
    begun = incomplete.upper()
    return [CompletionItem(entry.code, help=entry.name) for entry in catalogue() if entry.code.startswith(begun)]


@click.command(cls=Codes)
@click.argument("code", shell_complete=_codes)
@FORMAT
def rule(code: str, output_format: str) -> None:
    """Explain the rule with this CODE or name."""
    known = {key: entry for entry in catalogue() for key in (entry.code.lower(), entry.name)}
    entry = known.get(code.lower())
    if entry is None:
        from difflib import get_close_matches

        close = get_close_matches(code.lower(), list(known), n=1)
        hint = f"did you mean {known[close[0]].code} ({known[close[0]].name})?" if close else "`buglab rules` lists them."
        raise click.ClickException(f"no rule is called {code!r}; {hint}")
    if output_format == "json":
        click.echo(json.dumps(_record(entry), indent=2, ensure_ascii=False))
    else:
        click.echo(page(entry), nl=False)


@click.command(cls=Codes)
def schema() -> None:
    """Print the JSON schema of the format json; a line of json-lines is one item of it."""
    from ..scan.report.record import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _record(entry: Entry) -> dict[str, object]:
    return {
        "code": entry.code,
        "name": entry.name,
        "family": entry.family,
        "summary": entry.summary,
        "why": entry.why,
        "examples": [{"right": right, "wrong": wrong} for right, wrong in entry.examples],
    }
