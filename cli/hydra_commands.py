"""The commands that Hydra configures, ``buglab train [KEY=VALUE...]`` and its like; arguments go to Hydra."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import click

from .exits import Codes
from .lazy import needs

MODULES = {
    "corpus": "corpora_main",
    "train": "main",
    "evaluate": "evaluate_main",
    "export": "export_main",
    "mine": "mine_main",
    "harden": "harden_main",
}
"""Where in ``train`` each command's ``main(arguments) -> exit code`` is."""

AS_IS = {"ignore_unknown_options": True, "help_option_names": []}


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code.  Without the training extra, say how to install it."""
    with needs("train", command):
        module = importlib.import_module(f"..train.{MODULES[command]}", __package__)
    return int(module.main(arguments))


@click.command(cls=Codes, context_settings=AS_IS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def corpus(arguments: tuple[str, ...]) -> int:
    """Build shards of functions to train on."""
    return run("corpus", arguments)


@click.command(cls=Codes, context_settings=AS_IS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def train(arguments: tuple[str, ...]) -> int:
    """Train selector and detector against each other."""
    return run("train", arguments)


@click.command(cls=Codes, context_settings=AS_IS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def evaluate(arguments: tuple[str, ...]) -> int:
    """Measure a trained detector."""
    return run("evaluate", arguments)


@click.command(cls=Codes, context_settings=AS_IS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def harden(arguments: tuple[str, ...]) -> int:
    """Gather clean functions on which a detector alarms."""
    return run("harden", arguments)


@click.command(cls=Codes, context_settings=AS_IS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def export(arguments: tuple[str, ...]) -> int:
    """Write a trained detector for the scanner."""
    return run("export", arguments)


@click.command(cls=Codes, context_settings=AS_IS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mine(arguments: tuple[str, ...]) -> int:
    """Find real bug fixes in git histories: ``buglab mine REPO... [KEY=VALUE...]``."""
    repositories = [word for word in arguments if "=" not in word and not word.startswith("-")]
    settings = [word for word in arguments if word not in repositories]
    if repositories:
        settings.append(f"repositories=[{','.join(map(_quoted, repositories))}]")
    return run("mine", settings)


def _quoted(word: str) -> str:
    """As Hydra's grammar wants text that may hold anything."""
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
