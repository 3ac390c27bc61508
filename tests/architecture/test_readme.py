"""The README's commands are the ones that run: CI reads the test command from it, and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path


def test_ci_runs_the_readmes_test_command(root: Path) -> None:
    ran = subprocess.run([root / ".ci" / "run", "--show-test-command"], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "pip install -c constraints.txt -e '.[dev]' && pytest"
    assert ran.stdout.strip() in (root / "README.md").read_text(encoding="utf-8").splitlines()


def test_links_lead_somewhere(root: Path, files: list[Path]) -> None:
    for page in (path for path in files if path.suffix == ".md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (root / page).read_text(encoding="utf-8")):
            assert (root / page.parent / target).exists(), f"{page} links to {target}"


def test_the_rule_table_names_every_rule(root: Path) -> None:
    from buglab.rewrites.registry import rules

    text = (root / "README.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| (BL\d{3}) \| ([\w-]+) \|", text, re.MULTILINE))
    assert table == {rule.code: rule.name for rule in rules()}
