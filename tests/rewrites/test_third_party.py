"""Rules of other distributions: found by entry point, learnt by training, and no danger to a model that has not learnt them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MODULE = '''
import libcst as cst
from buglab.rewrites.base import Edit, Example, Option, Relabel, Rule, Site


class LoopExit(Rule):
    """``break`` where ``continue`` was meant."""

    code = "ACME001"
    name = "wrong-loop-exit"
    summary = "A loop is left where it should go on."
    why = "The rest of the items is never looked at."
    looks_at = (cst.Break, cst.Continue)
    examples = (Example("for x in y:\\n    continue\\n", "for x in y:\\n    break\\n"),)

    def sites(self, unit, node):
        words, labels = ("break", "continue"), ("Break", "Continue")
        written = labels.index(unit.label[node])
        start, end = unit.starts[node], unit.ends[node]
        yield Site(self, node, tuple(
            Option(word, Relabel(label), None if label == unit.label[node] else Edit(start, end, word))
            for word, label in zip(words, labels)
        ), written)


class Impostor(LoopExit):
    code = "BL101"
'''


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in which a distribution with three entry points lies as an installer leaves it."""
    (tmp_path / "acme_rules.py").write_text(MODULE)
    info = tmp_path / "acme_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[buglab.rules]\nloop = acme_rules:LoopExit\nfake = acme_rules:Impostor\ngone = acme_rules_missing:Rule\n"
    )
    return tmp_path


def python(installed: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installed), *sys.path[1:]])
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd or installed,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_their_ids_come_after_ours_and_the_exported_schema_stays(installed: Path) -> None:
    from buglab.graph.labels import OWN_HASH, RULES, SCHEMA_HASH

    program = (
        "from buglab.graph.labels import OWN_HASH, RULES, SCHEMA_HASH\n"
        "from buglab.graph.build import extract\n"
        "from buglab.rewrites.source import Source\n"
        "[found] = extract(Source.parse('for x in y:\\n    break\\n'))\n"
        "print(*RULES); print(OWN_HASH, SCHEMA_HASH); print(RULES[found.graph.site_rule[-1]])\n"
    )
    ran = python(installed, "-c", program)
    assert ran.returncode == 0, ran.stderr
    codes, hashes, last = ran.stdout.splitlines()
    assert tuple(codes.split()) == (*RULES, "ACME001")
    assert hashes.split()[0] == OWN_HASH == SCHEMA_HASH != hashes.split()[1]
    assert last == "ACME001"


def test_a_scan_leaves_them_out_and_says_so(installed: Path) -> None:
    (installed / "loops.py").write_text("def f(items, found):\n    for item in items:\n        break\n    return found\n")
    ran = python(installed, "-m", "buglab", "scan", "--isolated", "--exit-zero", "--min-confidence", "0", "loops.py")
    assert ran.returncode == 0, ran.stderr
    warnings = [line for line in ran.stderr.splitlines() if "warning" in line]
    assert any("does not know the rule" in line and "ACME001" in line for line in warnings), ran.stderr
    assert sum("is left out: " in line for line in warnings) == 2
    assert any("its code 'BL101' is not" in line for line in warnings)
    assert any("No module named 'acme_rules_missing'" in line for line in warnings)
    assert "ACME001" not in ran.stdout


def test_they_are_listed_explained_and_selected(installed: Path) -> None:
    listed = python(installed, "-m", "buglab", "rules")
    assert "ACME001  wrong-loop-exit" in listed.stdout, listed.stderr
    assert python(installed, "-m", "buglab", "rule", "wrong-loop-exit").stdout.startswith("# wrong-loop-exit (ACME001)\n")
    (installed / "loops.py").write_text("for x in y:\n    break\n")
    ran = python(installed, "-m", "buglab", "scan", "--isolated", "--exit-zero", "--select", "ACME", "loops.py")
    assert ran.returncode == 0, ran.stderr


def test_they_are_found_in_an_archive(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = Path(shutil.make_archive(str(tmp_path_factory.mktemp("archive") / "acme"), "zip", installed))
    assert "ACME001  wrong-loop-exit" in python(archive, "-m", "buglab", "rules", cwd=archive.parent).stdout
