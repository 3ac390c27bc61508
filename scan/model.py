"""The description of an exported detector: who it is and what its scores mean.  Nothing here needs its weights, or numpy."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import CannotScan
from .meaning import Meaning
from .reliability import Reliability

EMBEDDED = Path(__file__).with_name("embedded")
WEIGHTS = "model.safetensors"
FORMATS = (1, 2)
"""Of ``model.json``; from the second one on it may have a table of weights (``reliability``) in place of curves per rule."""
REQUIRED = {"name": str, "schema_hash": str, "rules": list, "network": dict, "calibration": dict, "weights_sha256": str}


class ModelError(CannotScan):
    """An exported model that cannot be used."""


@dataclass(frozen=True, slots=True)
class Model:
    """What ``model.json`` says of the weights beside it."""

    folder: Path
    info: dict[str, Any]
    calibration: dict[str, tuple[float, float]]
    """code -> slope and intercept; a rule without has 1 and 0"""
    meaning: Meaning = field(default_factory=Meaning)
    reliability: Reliability | None = None
    """what makes the scores that confidences are made of, where it is not the detector alone"""

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read ``model.json`` and compare the weights with it; raises ModelError unless both are whole."""
        info = _read_info(folder)
        try:
            families = info["calibration"].get("families", {})
            if not all(isinstance(code, str) for code in info["rules"]):
                raise TypeError("rules are no codes")
            if any(float(line["slope"]) < 0 for line in families.values()):
                raise ValueError("a higher score would be less probable")
            meaning = Meaning.of(info.get("meaning"))
            table = info["calibration"].get("reliability")
            reliability = None if table is None else Reliability.of(table, info["rules"])
            if reliability is not None and families:
                raise ValueError("there are curves beside the reliability")
            curves = {code: (float(line["slope"]), float(line["intercept"])) for code, line in families.items()}
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{folder / 'model.json'} has a malformed table of rules, calibration or meaning ({error!r}); export it again"
            ) from None
        model = cls(folder, info, curves, meaning, reliability)
        model.weights()
        return model

    @property
    def name(self) -> str:
        return str(self.info["name"])

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return str(self.info["weights_sha256"])

    @property
    def rules(self) -> frozenset[str]:
        """Codes of the rules that it has learnt; sites of others are not for it."""
        return frozenset(self.info["rules"])

    @property
    def threshold(self) -> float:
        return float(self.info.get("threshold", 0.5))

    @property
    def network(self) -> dict[str, Any]:
        return dict(self.info["network"])

    def confidence(self, code: str, score: float) -> float:
        """The calibrated probability that a finding of rule ``code`` is a real bug, rightly repaired.

        ``score``: its log-odds against NO_BUG, or for a model with ``reliability`` what that makes of them.
        """
        slope, intercept = self.calibration.get(code, (1.0, 0.0))
        odds = slope * score + intercept
        return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0

    def weights(self) -> bytes:
        """The bytes of the weights; raises ModelError unless they are those that ``model.json`` names."""
        path = self.folder / WEIGHTS
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(f"{self.folder} holds no {WEIGHTS}; name a folder that `buglab export` wrote") from None
        except OSError as error:
            raise ModelError(f"cannot read {path}: {error.strerror or error}") from None
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ModelError(
                f"{path} is damaged or was exchanged: its sha256 is {found[:12]}…, model.json says {self.sha256[:12]}…; "
                "export it again or install again"
            )
        return data


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
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is damaged ({error}); export it again or install again") from None
    if not isinstance(info, dict) or info.get("format") not in FORMATS:
        version = info.get("format") if isinstance(info, dict) else None
        known = " and ".join(map(str, FORMATS))
        raise ModelError(f"{path} has format {version!r}, this version reads format {known}; export the model again")
    for key, kind in REQUIRED.items():
        if not isinstance(info.get(key), kind):
            raise ModelError(f"{path} has no usable {key!r}; export it again or install again")
    threshold = info.get("threshold", 0.5)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise ModelError(f"{path}: the threshold {threshold!r} is not a number from 0 to 1; export it again")
    return info
