"""The command group: names and help lines; what a command needs is imported when it is called."""

from __future__ import annotations

import click

from .. import __version__
from .lazy import Lazy, LazyGroup

COMMANDS = {
    "scan": Lazy(".scan", "scan", "Report probable bugs in files and folders."),
    "rules": Lazy(".rules", "rules", "List the rules."),
    "rule": Lazy(".rules", "rule", "Explain one rule."),
    "baseline": Lazy(".baseline", "baseline", "Accept the findings there are, and report only new ones."),
    "serve": Lazy(".serve", "serve", "Scan over HTTP."),
    "server": Lazy(".server", "server", "Show findings in an editor (Language Server Protocol).", "lsp"),
    "schema": Lazy(".rules", "schema", "Print the JSON schema of the format json."),
    "train": Lazy(".hydra_commands", "train", "Train selector and detector against each other.", "train"),
    "corpus": Lazy(".hydra_commands", "corpus", "Build shards of functions to train on.", "train"),
    "mine": Lazy(".hydra_commands", "mine", "Find real bug fixes in git histories.", "train"),
    "harden": Lazy(".hydra_commands", "harden", "Gather clean functions on which a detector alarms.", "train"),
    "evaluate": Lazy(".hydra_commands", "evaluate", "Measure a trained detector.", "train"),
    "export": Lazy(".hydra_commands", "export", "Write a trained detector for the scanner.", "train"),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing found, 1 findings, 2 the job could not be done, 130 interrupted.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """BugLab finds small bugs in Python code with a detector that it trained itself."""


def main() -> None:
    """Entry point of ``buglab``."""
    group.main(prog_name="buglab")


def bug_scan() -> None:
    """Entry point of ``bug-scan``, which is ``buglab scan``."""
    from .scan import scan

    scan.main(prog_name="bug-scan")
