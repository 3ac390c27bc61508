"""The card of an exported model: what it was made from, what it can do, where it ends.  Figures name cases and command."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from ..scan.reliability import NUMBERS
from .evaluate import Evaluation
from .evaluate_main import Outcome
from .export import Parity
from .intervals import Share
from .lineage import Sitting


def card(name: str, sittings: list[Sitting], outcome: Outcome, parity: Parity, command: str, rules: dict[str, str]) -> str:
    """The text of ``CARD.md``."""
    measured = outcome.evaluation
    lines = [
        f"# {name}",
        "",
        "A detector of small bugs in Python functions, trained by BugLab against a selector that hides them. It gives every",
        "rewrite of a function, and NO_BUG, a probability; the scanner reports the best rewrite where its calibrated",
        "probability is high.",
        "",
        "## Data",
        "",
        *dict.fromkeys(line for sitting in sittings for line in sitting.data),
        "",
        "Projects whose real bugs judge the result (`data/heldout.txt`) are in no split; splits are by project.",
        "",
        "## Training",
        "",
        *(f"- {sitting}" for sitting in sittings),
        f"- Hardware: {hardware()}.",
        "- Again, in one run from nothing: `buglab corpus corpus=release && buglab train experiment=release "
        f"limits.max_minutes={sum(sitting.minutes for sitting in sittings):.0f}`.",
        "",
        "## Figures",
        "",
        f"Printed by `{command}`.",
        f"Held-back functions of split `{outcome.split}`, one bug of kinds `{outcome.kinds}` in each; 95% intervals. They",
        "say how the model does on planted bugs, which is more than it will do on real ones.",
        "",
        *_figures(measured, outcome.floor, rules),
        "",
        *_clean(outcome),
        "",
        "## Calibration",
        "",
        *_calibration(outcome),
        f"Default threshold {outcome.threshold.confidence:.4f}: at or above it lie {outcome.threshold.alarms} of "
        f"{outcome.threshold.clean_functions:,} held-back clean functions; wanted were at most "
        f"{outcome.threshold.wanted * outcome.threshold.clean_functions:.1f}.",
        "",
        "| confidence stated | right | functions |",
        "|---|---|---|",
        *(f"| {row['confidence']:.3f} | {row['right']:.3f} | {row['functions']:,} |" for row in measured.reliability),
        "",
        "What a threshold does on the held-back functions above (`--min-confidence`):",
        "",
        "| from confidence | bugs solved | clean functions with an alarm |",
        "|---|---|---|",
        *(
            f"| {row['confidence']:g} | {row['solved']:,} of {row['bugs']:,} | {row['alarms']:,} of {row['clean']:,} |"
            for row in measured.choices
        ),
        "",
        "## Limits",
        "",
        "- Trained on planted bugs: of real ones expect far fewer to be found, and look at what is found.",
        "- Clean functions are assumed to be free of bugs, which they are not quite.",
        "- It sees one function (or class or module body) at a time, and of the rest of a project little more than parameters.",
        "- Only what one rewrite of a rule repairs can be found. Windows of long functions are judged one by one.",
        "- Weights are stored as fp16." + _parity(parity),
        "",
    ]
    return "\n".join(lines)


def hardware() -> str:
    """The processor of this machine."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return f"{os.cpu_count()} cores of {model}, no accelerator"


def _figures(measured: Evaluation, floor: Evaluation | None, rules: dict[str, str]) -> list[str]:
    lines = ["| rule | functions | localization | repair, place given | joint |", "|---|---|---|---|---|"]
    rows: list[tuple[str, Any]] = [(f"{code} {rules.get(code, '')}", row) for code, row in measured.rules.items()]
    rows += [("all", measured.overall)] + ([("all, untrained network", floor.overall)] if floor else [])
    lines += [f"| {label} | {row.joint.cases:,} | {row.localization} | {row.repair} | {row.joint} |" for label, row in rows]
    return lines


def _clean(outcome: Outcome) -> list[str]:
    measured, floor = outcome.evaluation, outcome.floor
    untrained = f" (untrained: {floor.false_alarms})" if floor else ""
    lines = [
        f"- Clean functions with an alarm at argmax: {measured.false_alarms} of {measured.false_alarms.cases:,}{untrained}."
    ]
    for rate, recall in measured.recall.items():
        untrained = f" (untrained: {floor.recall[rate]})" if floor else ""
        sure = f"; by confidence: {measured.sure[rate]}" if measured.sure else ""
        where = f"{100 * float(rate):g}% of the clean functions alarm"
        lines.append(f"- Bugs solved where {where}: {recall} of {recall.cases:,}{sure}{untrained}.")
    used = measured.at_threshold
    joint, alarms = Share(**used["joint"]), Share(**used["false_alarms"])
    lines.append(
        f"- At the default threshold: {joint} of {joint.cases:,} bugs solved, "
        f"{alarms} of {alarms.cases:,} clean functions alarm."
    )
    return lines


def _calibration(outcome: Outcome) -> list[str]:
    """How scores become confidences."""
    prior = f"on other projects (split `valid`), for one bug in {1 / outcome.calibration.prior:,.0f} functions"
    weights, learned = outcome.calibration.weights, outcome.learned
    if weights is None or learned is None:
        return [f"Per rule, {prior}."]
    return [
        "A confidence is made of the numbers below and an intercept per rule (`reliability` in `model.json`): a logistic",
        "model, fitted to real bugs and their repairs (fold `fine-tuning`) beside planted bugs, then set to how often",
        f"planted ones are rightly repaired {prior}.",
        f"What it does {learned.sentence()}.",
        "",
        "| number | weight |",
        "|---|---|",
        *(f"| {name} | {weight:.3f} |" for name, weight in zip(NUMBERS, weights.numbers, strict=True)),
        "",
    ]


def _parity(parity: Parity) -> str:
    return (
        f" On {parity.functions} real functions the scanner's runtime is within {parity.largest_difference:.1g} of torch in"
        f" every log-probability; rounding moves a score by at most {parity.largest_rounding:.2g} and changes"
        f" {parity.verdicts_changed} verdicts."
    )
