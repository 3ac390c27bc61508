"""Pages in Markdown.  That of a rule is what ``buglab rule`` prints, ``docs/rules`` holds and SARIF carries."""

from __future__ import annotations

from difflib import unified_diff

from .catalogue import NOT_ANALYSED, Entry


def page(entry: Entry) -> str:
    """What there is to say about a rule."""
    parts = [f"# {entry.name} ({entry.code})", f"Family: {entry.family}.", entry.summary, f"## Why is this bad?\n\n{entry.why}"]
    if entry.examples:
        shown = [_difference(wrong, right) for right, wrong in entry.examples]
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


def preserving() -> str:
    """The page of the rewritings that keep the meaning; imports LibCST."""
    from ..rewrites.registry import transformations

    parts = [
        "# Rewritings that keep the meaning",
        "Beside the rules, whose rewritings are bugs, these change how code is written and not what it computes or does. "
        "They make copies of functions to learn from: [`corpus.augment`](training.md#rewritten-copies). What counts as "
        "meaning leaves out the text of error messages that name a variable, line numbers, and what a debugger sees.",
    ]
    for one in transformations():
        shown = "\n\n".join(_difference(before, after) for before, after in one.examples)
        parts.append(f"## {one.name}\n\n{one.summary}\n\n{one.why}\n\n{shown}")
    return "\n\n".join(parts) + "\n"


def _difference(before: str, after: str) -> str:
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=99))[3:]
    return "```diff\n" + "\n".join(lines) + "\n```"
