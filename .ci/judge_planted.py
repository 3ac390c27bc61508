"""How many planted bugs were found and repaired?  Usage: judge_planted.py WRONG RIGHT FINDINGS.

WRONG and RIGHT differ in one line a bug.  A finding is right when its edits turn a line of WRONG into that line of RIGHT.
"""

import json
import sys
from pathlib import Path
from typing import Any


def repaired(lines: list[str], finding: dict[str, Any]) -> list[str]:
    """The file with the edits of the finding's fix applied, last one first; an edit stays within one line here."""
    lines = list(lines)
    edits = (finding["fix"] or {"edits": []})["edits"]
    for edit in sorted(edits, key=lambda edit: (edit["location"]["row"], edit["location"]["column"]), reverse=True):
        row, start, end = edit["location"]["row"] - 1, edit["location"]["column"] - 1, edit["end_location"]["column"] - 1
        lines[row] = lines[row][:start] + edit["content"] + lines[row][end:]
    return lines


def main(wrong_path: str, right_path: str, findings_path: str) -> None:
    wrong, right = (Path(path).read_text(encoding="utf-8").splitlines() for path in (wrong_path, right_path))
    planted = {row for row, (was, meant) in enumerate(zip(wrong, right, strict=True), 1) if row > 1 and was != meant}
    found, others = set(), 0
    for finding in json.loads(Path(findings_path).read_text(encoding="utf-8")):
        after = repaired(wrong, finding)
        hit = {row for row in planted if after[row - 1] == right[row - 1]}
        found |= hit
        others += not hit
        place = f"row {finding['location']['row']}, {finding['code']}, confidence {finding['confidence']:.2f}"
        print(f"{'right' if hit else 'other'}: {place}: {finding['message']}")
    print(f"{len(found)} of {len(planted)} planted bugs found and repaired, {others} other findings")
    if not found:
        sys.exit("no planted bug was found")


main(*sys.argv[1:])
