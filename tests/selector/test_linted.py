"""What is taken for the work of linters is what a linter finds: ruff, on real code with one bug in it."""

from __future__ import annotations

import inspect
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from types import ModuleType

from buglab.graph.build import extract
from buglab.graph.pack import pack
from buglab.models.batch import Batch
from buglab.rewrites.source import Source
from buglab.selector.linted import linted
from buglab.selector.sampling import injectable
from buglab.train.fit_realism import tight

CHECKS = "F841,F632,E711,E712"


def mutants(module: ModuleType, folder: Path) -> dict[str, bool]:
    """Write the module with each misused variable and each other comparison; returns file -> what we say of it."""
    text = inspect.getsource(module)
    (folder / f"{module.__name__}.py").write_text(text)
    said = {}
    for unit in extract(Source.parse(text)):
        if not unit.graph.num_sites:
            continue
        batch = Batch.of(pack([unit.graph], tight(unit.graph))[0])
        found, possible = linted(batch), injectable(batch)
        for row, site in enumerate(unit.sites):
            first = int(unit.graph.option_ptr[row])
            for at, option in enumerate(site.options):
                if option.edit and possible[first + at] and site.rule.code in ("BL101", "BL201"):
                    path = folder / f"{module.__name__}-{len(said)}.py"
                    path.write_text(text[: option.edit.start] + option.edit.content + text[option.edit.end :])
                    said[path.name] = bool(found[first + at])
    return said


def test_a_linter_agrees(tmp_path: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    command = [ruff, "check", "--isolated", "--no-cache", "--select", CHECKS, "--output-format", "concise", "."]
    agreed: Counter[tuple[bool, bool]] = Counter()
    for module in (textwrap, shlex):
        said = mutants(module, tmp_path)
        shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
        reports = Counter(line.partition(":")[0] for line in shown.splitlines())
        agreed.update((ours, reports[name] > reports[f"{module.__name__}.py"]) for name, ours in said.items())
    assert agreed[True, True] > 30
    assert agreed[True, True] > 9 * (agreed[True, False] + agreed[False, True])
