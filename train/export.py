"""From a trained detector to the folder that the scanner reads: fp16 weights, description with calibration and hashes, card."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from ..detector.calibrate import Calibration, Threshold
from ..detector.decode import decode
from ..detector.reliability import Weights
from ..graph.labels import OWN_HASH, RULES, VOCABULARIES
from ..graph.pack import Budget, pack
from ..graph.schema import CodeGraph, Relation
from ..models.batch import Batch
from ..models.config import NetworkConfig
from ..models.segments import LOW
from ..scan.features import weigh
from ..scan.reliability import Reliability
from ..scan.runtime import ModelError, Runtime, Scores
from .errors import TrainError
from .lineage import Sitting

FORMAT, WEIGHED = 1, 2
"""Of ``model.json``; with a table of weights in place of curves, an older scanner must refuse it."""
LIMIT = 12_000_000
"""Bytes of the exported folder: it is shipped inside the package."""

TOLERANCE = 2e-3
"""Largest difference between a log-probability of torch and of the scanner's runtime, both with the exported weights."""

WEIGHTS, DESCRIPTION, CARD = "model.safetensors", "model.json", "CARD.md"


@dataclass(frozen=True)
class Parity:
    """How far the scanner's runtime is from torch, on real functions."""

    functions: int
    largest_difference: float
    """of a log-probability, or of the log-odds that a rewrite is right; same weights"""
    largest_rounding: float
    """of a score, between the trained weights and those rounded to fp16"""
    verdicts_changed: int
    """functions for which the rounding changes whether, or which, rewrite beats NO_BUG"""


@dataclass
class Export:
    """What is written beside the weights."""

    name: str
    network: NetworkConfig
    calibration: Calibration
    threshold: Threshold
    metrics: dict[str, Any]
    history: list[Sitting] = field(default_factory=list)
    """the runs that the weights come from"""
    meaning: dict[str, Any] = field(default_factory=dict)
    """what a confidence means, as ``scan.meaning`` reads it; empty where nothing was measured"""


def write(model: nn.Module, export: Export, graphs: Sequence[CodeGraph], card: Callable[[Parity], str], folder: Path) -> Parity:
    """Write the exported model to ``folder``, replacing what is there only once all checks have passed.

    Raises TrainError where the folder would exceed LIMIT bytes, or the scanner's runtime differs from torch by more than
    TOLERANCE on ``graphs``; nothing is replaced then.
    """
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        weights = save({name: value.detach().cpu().half().contiguous() for name, value in model.state_dict().items()})
        (temporary / WEIGHTS).write_bytes(weights)
        (temporary / DESCRIPTION).write_text(json.dumps(describe(export, weights), indent=1) + "\n")
        parity = check(model, export.network, temporary, graphs)
        (temporary / CARD).write_text(card(parity))
        size = sum(path.stat().st_size for path in temporary.iterdir())
        if size > LIMIT:
            raise TrainError(f"the exported model has {size:,} bytes, more than {LIMIT:,}: train a smaller network")
        _replace(folder, temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return parity


def describe(export: Export, weights: bytes) -> dict[str, Any]:
    """``model.json``."""
    calibration, learned = export.calibration, export.calibration.weights
    families = {code: {"slope": a, "intercept": b} for code, (a, b) in calibration.families.items()}
    table = {"reliability": _table(learned)} if learned is not None else {}
    return {
        "format": FORMAT if learned is None else WEIGHED,
        "name": export.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema_hash": OWN_HASH,
        "rules": list(RULES),
        "vocabularies": {name: list(words) for name, words in VOCABULARIES.items()},
        "network": asdict(export.network),
        "calibration": {"families": families, "prior": calibration.prior, **table},
        "threshold": export.threshold.confidence,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "metrics": export.metrics,
        "history": [asdict(sitting) for sitting in export.history],
        **({"meaning": export.meaning} if export.meaning else {}),
    }


def _table(weights: Weights) -> dict[str, dict[str, float]]:
    """As ``scan.reliability`` reads it."""
    rules = dict(zip(RULES, weights.rules.tolist(), strict=True))
    return Reliability(tuple(weights.numbers.tolist()), rules).plain()


def read(folder: Path) -> tuple[dict[str, Tensor], dict[str, list[str]], list[dict[str, Any]]]:
    """The weights of an exported model, as detector and average of a game; what the rows of its tables mean; its runs.

    Raises TrainError where the folder holds no model, or one that does not say what its rows stand for.
    """
    try:
        info = json.loads((folder / DESCRIPTION).read_text())
        weights = load((folder / WEIGHTS).read_bytes())
        vocabularies = {name: list(words) for name, words in info["vocabularies"].items()}
        history = [dict(sitting) for sitting in info.get("history", [])]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, SafetensorError) as error:
        raise TrainError(
            f"{folder} holds no exported model that training can begin with ({error!r}); export it again"
        ) from error
    tensors = {f"{part}/{name}": value.float() for part in ("detector", "average") for name, value in weights.items()}
    return tensors, vocabularies, history


def check(model: nn.Module, network: NetworkConfig, folder: Path, graphs: Sequence[CodeGraph]) -> Parity:
    """Compare the scanner's runtime with torch on ``graphs``.  Raises TrainError above TOLERANCE."""
    from ..models.network import Network

    try:
        runtime = Runtime.load(folder)
        found = runtime.score(graphs)
    except ModelError as error:
        raise TrainError(f"the scanner cannot use the exported model: {error}") from error
    rounded = Network(network).eval()
    rounded.load_state_dict({name: value.half().float() for name, value in model.state_dict().items()})
    largest = rounding = 0.0
    changed = 0
    for graph, mine in zip(graphs, found, strict=True):
        theirs, original = _log_p(rounded, graph), _log_p(model, graph)
        real = theirs[1] > LOW / 2
        if not np.array_equal(real, np.isfinite(mine.option)):
            raise TrainError(
                "the scanner's runtime leaves out other options than torch; it does not fit this version of the network"
            )
        largest = max(largest, abs(theirs[0] - mine.no_bug), float(np.abs(theirs[1] - mine.option)[real].max(initial=0.0)))
        scores = [option[real] - no_bug for no_bug, option in (theirs, original)]
        rounding = max(rounding, float(np.abs(scores[0] - scores[1]).max(initial=0.0)))
        changed += _verdict(scores[0]) != _verdict(scores[1])
        if (table := runtime.model.reliability) is not None and mine.weighed is not None:
            said = weigh(table, graph, Scores(theirs[0], np.where(real, theirs[1], -np.inf)))
            largest = max(largest, float(np.abs(said - mine.weighed)[real].max(initial=0.0)))
    if not largest <= TOLERANCE:
        raise TrainError(
            f"the scanner's runtime differs from torch by {largest:.2g} in a log-probability, more than {TOLERANCE:g}: "
            "nothing was exported"
        )
    return Parity(len(graphs), largest, rounding, changed)


def _verdict(scores: np.ndarray) -> int:
    """Index of the best option where it beats NO_BUG, else -1."""
    return int(scores.argmax()) if scores.size and scores.max() > 0 else -1


@torch.inference_mode()
def _log_p(model: nn.Module, graph: CodeGraph) -> tuple[float, np.ndarray]:
    """log p(NO_BUG), and [options] log p(site, option), LOW for what is written."""
    budget = Budget(
        nodes=graph.num_nodes + 2,
        blocks=graph.num_edges // 16 + len(Relation) + 1,
        block=16,
        texts=len(graph.texts) + 2,
        sites=graph.num_sites + 2,
        options=graph.num_options + 2,
        cells=len(graph.cells) + 2,
        graphs=2,
    )
    packed, left = pack([graph], budget)
    assert not left
    batch = Batch.of(packed)
    verdict = decode(batch, model(batch))
    return float(verdict.no_bug[0]), verdict.option[: graph.num_options].numpy()


def _replace(folder: Path, temporary: Path) -> None:
    """Put ``temporary`` in the place of ``folder``."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.replace(old)
    temporary.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
