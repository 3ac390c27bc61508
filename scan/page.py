"""The page of a rule, in Markdown: what ``buglab rule`` prints, ``docs/rules`` holds and SARIF carries."""

from __future__ import annotations

from difflib import unified_diff

from .catalogue import NOT_ANALYSED, Entry


def page(entry: Entry) -> str:
    """What there is to say about a rule."""
    parts = [f"# {entry.name} ({entry.code})", f"Family: {entry.family}.", entry.summary, f"## Why is this bad?\n\n{entry.why}"]
    if entry.examples:
        shown = []
        for right, wrong in entry.examples:
            lines = list(unified_diff(wrong.splitlines(), right.splitlines(), lineterm="", n=99))[3:]
            shown.append("```diff\n" + "\n".join(lines) + "\n```")
        parts.append("## Examples\n\nThe line with `-` has the bug, the line with `+` the repair.\n\n" + "\n\n".join(shown))
    if entry.code == NOT_ANALYSED.code:
        parts.append(f"## How to silence it\n\n`--ignore {entry.code}` for a run, `extend-exclude` for a file or folder.")
    else:
        parts.append(
            "## Before you change the code\n\nThe finding is a guess of a trained network, and so is the repair: read the "
            "reasons below the code frame, look at the callers, and change only what you understand."
        )
        parts.append(
            f"## How to silence it\n\n`# buglab: ignore[{entry.code}]` at the end of the statement or on the line above, "
            f"`# buglab: file-ignore[{entry.code}]` for a file, `--ignore {entry.code}` for a run."
        )
    return "\n\n".join(parts) + "\n"


def index(entries: tuple[Entry, ...]) -> str:
    """The page that lists all rules by family."""
    rows = [f"| [{entry.code}]({entry.code}.md) | {entry.family} | {entry.name} | {entry.summary} |" for entry in entries]
    return "\n".join(["# Rules", "", "| code | family | name | what it reports |", "|---|---|---|---|", *rows, ""])
