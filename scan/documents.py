"""The parts of the documentation that follow from the program: rule pages, the page of rewritings that keep the meaning, and
the figures of the page on precision.

``python -m buglab.scan.documents docs`` writes them; a test compares.  Run it when rules, transformations or the embedded model
change.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from .catalogue import catalogue
from .meaning import Meaning
from .page import index, page, preserving

EMBEDDED = Path(__file__).with_name("embedded") / "model.json"
NOT_MEASURED = "*The embedded model carries no such table; the next export will.*"
_PLACE = re.compile(r"(<!-- from the model: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def documents(docs: Path) -> dict[Path, str]:
    """path -> text, for every generated file below ``docs``."""
    pages = {docs / "rules" / f"{entry.code}.md": page(entry) for entry in catalogue()}
    precision = docs / "precision.md"
    return {
        **pages,
        docs / "rules" / "README.md": index(catalogue()),
        docs / "preserving.md": preserving(),
        precision: filled(precision.read_text(encoding="utf-8"), json.loads(EMBEDDED.read_text(encoding="utf-8"))),
    }


def filled(text: str, info: dict[str, Any]) -> str:
    """``text`` with the figures of ``model.json`` between its marks."""
    meaning = Meaning.of(info.get("meaning"))
    parts = {"model": _model(info), "classes": _classes(meaning), "choices": _choices(meaning)}
    return _PLACE.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", text)


def _model(info: dict[str, Any]) -> str:
    return (
        f"Embedded model: `{info['name']}`, exported {info['created'][:10]}, weights sha256 `{info['weights_sha256'][:12]}…`; "
        f"default threshold {info['threshold']:.2f}; one bug assumed in {1 / info['calibration']['prior']:,.0f} functions."
    )


def _classes(meaning: Meaning) -> str:
    if not meaning.classes:
        return NOT_MEASURED
    rows = [f"| {one.low:.0%} to {one.high:.0%} | {one.of_100} of 100 | {one.functions:,} |" for one in meaning.classes]
    return "\n".join(["| confidence | were the bug, rightly repaired | functions measured |", "|---|---|---|", *rows])


def _choices(meaning: Meaning) -> str:
    if not meaning.choices:
        return NOT_MEASURED
    rows = [
        f"| {one.confidence:g} | {one.solved / max(one.bugs, 1):.1%} of {one.bugs:,} | "
        f"{1000 * one.alarms / max(one.clean, 1):.1f} ({one.alarms:,} of {one.clean:,}) |"
        for one in meaning.choices
    ]
    return "\n".join(
        ["| `--min-confidence` | injected bugs solved | alarms in 1,000 clean functions |", "|---|---|---|", *rows]
    )


if __name__ == "__main__":
    for path, text in documents(Path(sys.argv[1])).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
