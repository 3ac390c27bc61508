"""What a confidence means, in counts: measured when the model was exported, on functions it had never seen.

``model.json`` may lack the table (older models); then there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Class:
    """Findings with a confidence in [low, high): the share that was right, and on how many functions that rests."""

    low: float
    high: float
    right: float
    functions: int

    @property
    def of_100(self) -> str:
        """How many of 100 were right, as people read it."""
        return f"{100 * self.right:.0f}" if self.right >= 0.01 else f"{100 * self.right:.1g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a threshold does: of ``bugs`` injected ones ``solved``, of ``clean`` functions ``alarms``."""

    confidence: float
    bugs: int
    solved: int
    clean: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """The measured meaning of a model's confidences; ``prior`` is the share of functions that was taken to have a bug."""

    prior: float = 0.0
    classes: tuple[Class, ...] = ()
    choices: tuple[Choice, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Any] | None) -> Meaning:
        """From ``meaning`` of ``model.json``; raises KeyError, TypeError or ValueError where that is malformed."""
        if table is None:
            return cls()
        prior = float(table["prior"])
        if not 0 < prior < 1:
            raise ValueError(f"the prior {prior} is no probability")
        classes = (
            Class(float(row["from"]), float(row["to"]), float(row["right"]), int(row["functions"])) for row in table["classes"]
        )
        choices = (Choice(**{**row, "confidence": float(row["confidence"])}) for row in table.get("choices", ()))
        return cls(prior, tuple(classes), tuple(choices))

    def sentence(self, confidence: float) -> str:
        """What a finding of this confidence is worth, in counts; empty where nothing was measured."""
        for one in self.classes:
            if one.low <= confidence and (confidence < one.high or one.high >= 1):
                return (
                    f"of 100 findings at {one.low:.0%} to {one.high:.0%} about {one.of_100} were bugs, rightly "
                    f"repaired (measured on {one.functions:,} held-back functions, as if 1 in {1 / self.prior:,.0f} had a bug)"
                )
        return ""
