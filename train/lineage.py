"""What a detector has been through: one sitting for each run that its weights come from, kept with the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ..data.report import REPORT, CorpusReport
from .checkpoint import State
from .config import TrainConfig
from .corpora import Corpora

LICENCES = 8
"""Most frequent licences of a corpus that are named."""


@dataclass
class Sitting:
    """One run."""

    name: str
    data: list[str]
    """what it was trained on, in lines of Markdown"""
    steps: int
    functions: int
    """drawn from the corpora"""
    minutes: float
    network: str
    game: str

    def __str__(self) -> str:
        facts = f"{self.steps:,} steps, {self.functions:,} functions drawn, {self.minutes:.0f} minutes"
        return f"{self.name}: {facts}; {self.network}; {self.game}"


def sittings(config: TrainConfig, state: State, others: Sequence[str] = ()) -> list[Sitting]:
    """All runs of a checkpoint's weights, the first one first; ``others``: whose weights were averaged with its."""
    earlier = [msgspec.convert(sitting, Sitting) for sitting in state.history]
    network, game = config.network, config.game
    last = Sitting(
        name=config.name,
        data=_data(config),
        steps=state.step,
        functions=int(state.feed.get("count", 0)),
        minutes=round(state.elapsed / 60, 1),
        network=f"{network.layers} {network.layer} layers of {network.hidden}",
        game=f"selector {game.selector}, other bugs of kinds `{game.kinds}`"
        + "".join(f"; mean of its weights and those of {other}" for other in others),
    )
    return [*earlier, last]


def _data(config: TrainConfig) -> list[str]:
    lines = []
    for folder in Corpora.folders_of(config.corpus, config.more_corpora):
        try:
            report = msgspec.json.decode((folder / REPORT).read_bytes(), type=CorpusReport)
        except (OSError, msgspec.DecodeError):
            lines.append(f"- corpus `{folder.name}`, without a report")
            continue
        parts = ", ".join(f"{split} {len(s.projects)} projects / {s.graphs:,} functions" for split, s in report.splits.items())
        lines.append(f"- corpus `{report.name}`: {parts}, after duplicates were removed; {report.lines:,} lines read")
        licences = sorted(report.licences.items(), key=lambda item: -item[1])[:LICENCES]
        lines.append("  - licences (functions): " + ", ".join(f"{name or 'unknown'} {count:,}" for name, count in licences))
    return lines
