"""Examples in the documentation do what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest


@pytest.mark.parametrize("page", ["docs/architecture.md"])
def test_examples_run(root: Path, page: str) -> None:
    failed, tried = doctest.testfile(str(root / page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert not failed


def test_rule_pages_are_what_the_command_prints(root: Path) -> None:
    """To renew them: `buglab rule CODE > docs/rules/CODE.md`."""
    from buglab.cli.rules import page
    from buglab.scan.catalogue import catalogue

    pages = {path.stem: path.read_text(encoding="utf-8") for path in (root / "docs" / "rules").glob("*.md")}
    assert pages == {entry.code: page(entry) for entry in catalogue()}
