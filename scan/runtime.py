"""The exported detector, loaded and run without torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors

from ..graph.labels import OWN_HASH, RULES
from ..graph.schema import CodeGraph
from .features import weigh
from .forward import forward
from .model import EMBEDDED, WEIGHTS, Model, ModelError
from .scores import Scores

__all__ = ["EMBEDDED", "Model", "ModelError", "Runtime", "Scores"]


class Runtime:
    """A loaded detector."""

    def __init__(self, model: Model, weights: dict[str, NDArray[np.float32]]) -> None:
        self.model, self.weights = model, weights

    @classmethod
    def load(cls, folder: Path) -> Runtime:
        """Read ``model.json`` and ``model.safetensors``; raises ModelError unless they are whole and fit this version."""
        return cls.of(Model.load(folder))

    @classmethod
    def of(cls, model: Model) -> Runtime:
        """The detector that ``model`` describes; raises ModelError unless it fits this version."""
        if (schema := model.info["schema_hash"]) != OWN_HASH:
            raise ModelError(
                f"the model in {model.folder} was trained on graphs of schema {schema[:12]}, this version of buglab builds "
                f"{OWN_HASH[:12]}; use the embedded model or train and export again"
            )
        try:
            tensors = read_tensors(model.weights())
        except (SafetensorError, ValueError, KeyError) as error:
            raise ModelError(f"{model.folder / WEIGHTS} is not a safetensors file ({error}); export it again") from None
        weights = {name: np.asarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}
        try:
            return cls(model, _by_rule(weights, model.info["rules"]))
        except (KeyError, ValueError) as error:
            raise ModelError(f"{model.folder / WEIGHTS} does not fit its table of rules ({error}); export it again") from None

    @property
    def info(self) -> dict[str, Any]:
        return self.model.info

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def sha256(self) -> str:
        return self.model.sha256

    @property
    def rules(self) -> frozenset[str]:
        return self.model.rules

    @property
    def threshold(self) -> float:
        return self.model.threshold

    def confidence(self, code: str, score: float) -> float:
        """As ``Model.confidence``."""
        return self.model.confidence(code, score)

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
        if (reliability := self.model.reliability) is None:
            return scores
        return [replace(found, weighed=weigh(reliability, graph, found)) for graph, found in zip(graphs, scores, strict=True)]


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
