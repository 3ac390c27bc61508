"""The exported detector, loaded and run without torch."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors

from ..graph.labels import OWN_HASH, RULES
from ..graph.schema import CodeGraph
from .errors import CannotScan
from .forward import forward
from .meaning import Meaning
from .scores import Scores

__all__ = ["EMBEDDED", "ModelError", "Runtime", "Scores"]

EMBEDDED = Path(__file__).with_name("embedded")
FORMAT = 1
REQUIRED = {"name": str, "schema_hash": str, "rules": list, "network": dict, "calibration": dict, "weights_sha256": str}


class ModelError(CannotScan):
    """An exported model that cannot be used."""


class Runtime:
    """A loaded detector."""

    def __init__(self, info: dict[str, Any], weights: dict[str, NDArray[np.float32]]) -> None:
        self.info, self.weights = info, _by_rule(weights, info["rules"])
        self.rules = frozenset(info["rules"])
        """codes of the rules that it has learnt; sites of others are not for it"""
        self.name: str = info["name"]
        self.sha256: str = info["weights_sha256"]
        self.threshold: float = info.get("threshold", 0.5)
        families = info["calibration"].get("families", {})
        self.meaning = Meaning.of(info.get("meaning"))
        self._calibration = {code: (float(line["slope"]), float(line["intercept"])) for code, line in families.items()}

    @classmethod
    def load(cls, folder: Path) -> Runtime:
        """Read ``model.json`` and ``model.safetensors``; raises ModelError unless they are whole and fit this version."""
        info = _read_info(folder)
        weights = _read_weights(folder / "model.safetensors", info["weights_sha256"])
        try:
            return cls(info, weights)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{folder / 'model.json'} has a malformed table of rules, calibration or meaning ({error!r}); export it again"
            ) from None

    def score(self, graphs: Sequence[CodeGraph]) -> list[Scores]:
        """Scores of each graph, in order."""
        try:
            with np.errstate(all="ignore"):  # what is not a number is refused below, with a sentence
                scores = forward(self.weights, self.info["network"], graphs)
        except (KeyError, ValueError, IndexError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise ModelError(
                f"model {self.name!r} does not compute ({reason}); its weights do not fit its description"
            ) from error
        for found in scores:
            if math.isnan(found.no_bug) or np.isnan(found.option).any():
                raise ModelError(f"model {self.name!r} computes values that are not numbers; export it again")
        return scores

    def confidence(self, code: str, score: float) -> float:
        """The calibrated probability that a finding of rule ``code`` with log-odds ``score`` is a real bug."""
        slope, intercept = self._calibration.get(code, (1.0, 0.0))
        odds = slope * score + intercept
        return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


def _by_rule(weights: dict[str, NDArray[np.float32]], known: list[str]) -> dict[str, NDArray[np.float32]]:
    """The weights with the tables of rules in the order of RULES; rows of rules that the model does not know are zero."""
    found = dict(weights)
    for name in ("site_rule.weight", "contrast.weight"):
        table = weights[name]
        if len(table) != len(known):
            raise ValueError(f"{name} has {len(table)} rows for {len(known)} rules")
        rows = dict(zip(known, table, strict=True))
        found[name] = np.stack([rows.get(code, np.zeros_like(table[0])) for code in RULES])
    return found


def _read_info(folder: Path) -> dict[str, Any]:
    path = folder / "model.json"
    if not folder.is_dir():
        where = "this installation has no embedded model" if folder == EMBEDDED else f"no model folder at {folder}"
        raise ModelError(f"{where}; name a folder that `buglab export` wrote with --model")
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder} holds no model.json; name a folder that `buglab export` wrote") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise ModelError(f"{path} is damaged ({error}); export it again or install again") from None
    if not isinstance(info, dict) or info.get("format") != FORMAT:
        version = info.get("format") if isinstance(info, dict) else None
        raise ModelError(f"{path} has format {version!r}, this version reads format {FORMAT}; export the model again")
    for key, kind in REQUIRED.items():
        if not isinstance(info.get(key), kind):
            raise ModelError(f"{path} has no usable {key!r}; export it again or install again")
    threshold = info.get("threshold", 0.5)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise ModelError(f"{path}: the threshold {threshold!r} is not a number from 0 to 1; export it again")
    if info["schema_hash"] != OWN_HASH:
        raise ModelError(
            f"the model in {folder} was trained on graphs of schema {info['schema_hash'][:12]}, this version of buglab builds "
            f"{OWN_HASH[:12]}; use the embedded model or train and export again"
        )
    return info


def _read_weights(path: Path, sha256: str) -> dict[str, NDArray[np.float32]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{path.parent} holds no {path.name}; name a folder that `buglab export` wrote") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path} is damaged or was exchanged: its sha256 is {found[:12]}…, model.json says {sha256[:12]}…; "
            "export it again or install again"
        )
    try:
        tensors = read_tensors(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelError(f"{path} is not a safetensors file ({error}); export it again") from None
    return {name: np.asarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}
