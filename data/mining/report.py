"""What mining found: a file of fixes beside the logs, and tables: projects, rules, kinds of changes that no rule knows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from ...rewrites.registry import rules
from .collect import Mined
from .folds import fold
from .record import Change, Tally

FIXES = "fixes.json-lines"
SHOWN = 40
"""Kinds of changes in the table."""


class FoundFix(msgspec.Struct, frozen=True):
    """One line of the file: a usable change, its project and the fold of that, and by which rules it was found."""

    project: str
    fold: str
    rules: str
    change: Change


def report(folder: Path, console: Console) -> None:
    """Write the fixes of all logs in ``folder``, and print the tables."""
    mined = Mined(folder)
    fixes = list(mined.fixes())
    lines = [msgspec.json.encode(FoundFix(name, fold(name), mined.headers[name].rules, change)) for name, change in fixes]
    path = folder / FIXES
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(b"".join(line + b"\n" for line in lines))
    temporary.replace(path)
    if not console.is_terminal:
        console.width = 120
    console.print(_projects(mined, fixes))
    console.print(_rules([change for _, change in fixes]))
    console.print(_uncovered(mined))
    if missing := sum(tally.missing for tally in mined.tallies.values()):
        console.print(f"{missing:,} commits were left out, because the clones lack files that they changed")
    console.print(f"{len(fixes):,} fixes: {path}", soft_wrap=True)


def _projects(mined: Mined, fixes: list[tuple[str, Change]]) -> Table:
    table = Table("project", "fold", title="Histories")
    for name in ("commits", "examined", "files", "functions", "small changes", "fixes", "per 1,000 commits"):
        table.add_column(name, justify="right")
    small, found = (Counter(name for name, _ in pairs) for pairs in (mined.changes, fixes))
    total = Tally()
    for name, tally in mined.tallies.items():
        total.add(tally)
        table.add_row(name, fold(name), *_figures(tally, small[name], found[name]))
    table.add_section()
    table.add_row("all", "", *_figures(total, small.total(), found.total()))
    return table


def _figures(tally: Tally, small: int, found: int) -> list[str]:
    counts = (tally.commits, tally.examined, tally.files, tally.functions, small, found)
    return [*(f"{count:,}" for count in counts), f"{1000 * found / max(tally.commits, 1):.2f}"]


def _rules(fixes: list[Change]) -> Table:
    table = Table("rule", title="Fixes")
    for name in ("fixes", "message speaks of a bug"):
        table.add_column(name, justify="right")
    for rule in rules():
        own = [change for change in fixes if change.matches[0].code == rule.code]
        table.add_row(f"{rule.code} {rule.name}", str(len(own)), str(sum("worded" in change.flags for change in own)))
    return table


def _uncovered(mined: Mined) -> Table:
    """Kinds of small changes whose message speaks of a bug, and how many of them a rule knows."""
    table = Table("kind", title="Small changes of one function, by kind")
    for name in ("changes", "known to a rule"):
        table.add_column(name, justify="right")
    worded = [change for _, change in mined.changes if "worded" in change.flags and not {"test", "revert"} & set(change.flags)]
    counts, known = Counter(change.kind for change in worded), Counter(change.kind for change in worded if change.matches)
    for kind, count in counts.most_common(SHOWN):
        table.add_row(kind, f"{count:,}", f"{known[kind]:,}")
    rest = counts.total() - sum(count for _, count in counts.most_common(SHOWN))
    table.add_row(f"{max(len(counts) - SHOWN, 0)} rarer kinds", f"{rest:,}", "")
    return table
