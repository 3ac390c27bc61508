"""What an exported detector says about real bugs: functions before and after the commits that repaired them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ..data.mining.folds import FOLDS
from ..data.mining.pairs import FixedPair, Repair, clones, load, locate, pairs
from ..detector.calibrate import DEFAULT_PRIOR, Calibration
from ..detector.reliability import Weights
from ..graph.build import UnitGraph, extract
from ..graph.labels import RULE_ID, RULES
from ..rewrites.project import Around
from ..rewrites.registry import rules
from ..rewrites.source import Source, on_deep_stack
from ..rewrites.unit import Unit
from ..scan.features import NOTHING, features
from ..scan.runtime import EMBEDDED, Model, ModelError, Runtime, Scores
from .config import EvaluateConfig
from .errors import TrainError
from .evaluate import at_rates, confidences, evaluate, plain, table
from .intervals import Share, share
from .measure import Judged
from .progress import Progress


def run_on_fixes(config: EvaluateConfig, folder: Path, progress: Progress) -> None:
    """Evaluate the exported model as configured, write ``metrics.json`` into ``folder``, print the table."""
    if config.fold not in dict(FOLDS):
        raise TrainError(f"there is no fold {config.fold!r}; choose from {', '.join(name for name, _ in FOLDS)}")
    place = Path(config.clones).expanduser()
    if not place.is_dir():
        raise TrainError(f"clones={config.clones}: there is no such folder; name one that holds clones of git repositories")
    repositories = clones(place)
    wanted = [fix for fix in load([config.fold]) if fix.project.lower() in repositories]
    if not wanted:
        raise TrainError(f"{place} holds no clone of a project of the fold {config.fold!r} (data/fixes.jsonl lists them)")
    model = Path(config.model).expanduser() if config.model else EMBEDDED
    try:
        runtime = Runtime.load(model)
    except ModelError as error:
        raise TrainError(str(error)) from error
    progress.say(f"judging {runtime.name} on {len(wanted)} fixes of {len({fix.project for fix in wanted})} projects")
    judged, lost = on_deep_stack(lambda: judge_fixes(runtime, pairs(wanted, repositories, config.context)))
    lost["missing in the clone"] += len(wanted) - len(judged) - lost.total()
    evaluation = evaluate(judged, RULES)
    sure = confidences(calibration(runtime.model), RULES, judged)
    evaluation.sure = at_rates(judged, *sure)
    title = f"real fixes, fold {config.fold}"
    table(evaluation, None, {rule.code: rule.name for rule in rules()}, Console(), title)
    evaluation.at_threshold = at_threshold(judged, *sure, runtime.threshold)
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "model": runtime.name,
        "sha256": runtime.sha256,
        "fold": config.fold,
        "context": config.context,
        "fixes": len(wanted),
        "projects": dict(Counter(fix.project for fix in wanted)),
        "left_out": dict(lost),
        "evaluation": plain(evaluation),
    }
    (folder / "metrics.json").write_text(json.dumps(figures, indent=1) + "\n")
    progress.say(f"best rewrite right, NO_BUG left out: {evaluation.overall.best} of {evaluation.overall.best.cases}")
    reported = evaluation.at_threshold
    progress.say(
        f"reported as a scan reports, at {runtime.threshold:.0%}: {Share(**reported['joint'])} of the bugs, with their repair; "
        f"{Share(**reported['false_alarms'])} of the repaired functions"
    )
    progress.say(f"left out: {', '.join(f'{count} {reason}' for reason, count in lost.items() if count) or 'nothing'}")
    progress.say(f"figures: {folder}")


def at_threshold(judged: Judged, mutant: NDArray[np.float64], clean: NDArray[np.float64], threshold: float) -> dict[str, Any]:
    """What is reported at the model's own threshold, which was set on other clean functions; confidences as ``confidences``."""
    return {
        "threshold": threshold,
        "joint": asdict(share(judged.solved & (mutant >= threshold))),
        "false_alarms": asdict(share(clean >= threshold)),
    }


def calibration(model: Model) -> Calibration:
    """What an exported model's description says, as it was before the export."""
    table = model.reliability
    rules = np.array([table.rules.get(code, 0.0) for code in RULES]) if table else np.zeros(len(RULES))
    weights = Weights(np.array(table.numbers), rules) if table else None
    return Calibration(model.calibration, float(model.info["calibration"].get("prior", DEFAULT_PRIOR)), weights)


def judge_fixes(runtime: Runtime, fixed: Iterable[FixedPair]) -> tuple[Judged, Counter[str]]:
    """Ask the detector about each buggy function and about its repaired twin; and why pairs were left out, counted.

    A function that is longer than one graph is judged as the scanner does: by the best rewrite over all its windows.  Raises
    TrainError if nothing is left.
    """
    rows: list[Row] = []
    lost: Counter[str] = Counter()
    for place, pair in enumerate(fixed):
        repair = locate(pair)
        if repair is None:
            lost["not found by the present rules"] += 1
            continue
        rows.append(_row(runtime, repair, pair.around, place))
    if not rows:
        raise TrainError("none of the fixes could be found again in the clones")
    kinds = (np.int32, np.int32, np.bool_, np.bool_, np.bool_, np.int32, np.float64, np.float64, np.int64)
    return Judged(*(np.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True))), lost


Row = tuple[int, int, bool, bool, bool, int, NDArray[np.float64], NDArray[np.float64], int]


def _row(runtime: Runtime, repair: Repair, around: tuple[Around, Around], place: int) -> Row:
    """As the fields of Judged; the rule is the one that finds the repair now, whatever it was called when it was mined."""
    before, after = around
    rule = RULE_ID[repair.right[0][0].rule.code]
    graphs, scores = _scored(runtime, repair.buggy, repair.unit, before)
    right = {(id(site), option) for site, option in repair.right}
    places = {site for site, _ in right}
    best, given = _best(graphs, scores, None), _best(graphs, scores, places)
    clean = _best(*_scored(runtime, repair.fixed, repair.repaired, after), None)
    return (
        rule,
        best.rule,
        best.site in places,
        (best.site, best.option) in right,
        (given.site, given.option) in right,
        clean.rule,
        best.features,
        clean.features,
        place,
    )


def _scored(runtime: Runtime, source: Source, unit: Unit, around: Around) -> tuple[list[UnitGraph], list[Scores]]:
    alone = Source(source.text, [unit])
    graphs = extract(alone, around=around)
    return graphs, runtime.score([found.graph for found in graphs])


class Best(NamedTuple):
    """A rewrite; ``site`` by identity."""

    odds: float
    rule: int
    site: int
    option: int
    features: NDArray[np.float64]


def _best(graphs: Sequence[UnitGraph], scores: Sequence[Scores], places: set[int] | None) -> Best:
    """The best rewrite, at these sites only if they are given."""
    best = Best(float("-inf"), 0, 0, -1, NOTHING)
    for found, score in zip(graphs, scores, strict=True):
        pointer, known = found.graph.option_ptr, features(found.graph, score)
        for row, site in enumerate(found.sites):
            if places is not None and id(site) not in places:
                continue
            open_ = [option.edit is not None for option in site.options]
            own = np.where(open_, score.option[pointer[row] : pointer[row + 1]], -np.inf)
            option = int(np.argmax(own))
            if (odds := float(own[option]) - score.no_bug) > best.odds:
                best = Best(odds, RULE_ID[site.rule.code], id(site), option, known[pointer[row] + option])
    return best
