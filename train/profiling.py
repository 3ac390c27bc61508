"""A few steps of a run under PyTorch's profiler: where the time goes, as a trace and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from ..graph.pack import Packed
from .progress import Progress
from .step import Game

TRACE, TABLE = "trace.json", "operators.txt"


@dataclass
class ProfileConfig:
    """Which steps are recorded: those of one run, counted from its beginning or resumption."""

    steps: int = 0
    """0 = none"""
    skip: int = 3
    """steps before them, in which buffers are made and programs compiled"""


class Profiled:
    """A game whose first steps are recorded into ``folder``."""

    def __init__(self, game: Game, config: ProfileConfig, folder: Path, progress: Progress) -> None:
        self.game, self.config, self.folder, self.progress = game, config, folder, progress
        self.device, self.replicas = game.device, game.replicas
        self._played = 0
        activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * torch.cuda.is_available()
        self._profile = profile(activities=activities)

    def step(self, packed: Packed, progress: float) -> dict[str, Tensor]:
        if self._played == self.config.skip:
            self._profile.start()
        metrics = self.game.step(packed, progress)
        self._played += 1
        if self._played == self.config.skip + self.config.steps:
            self._profile.stop()
            self._write()
        return metrics

    def _write(self) -> None:
        self._profile.export_chrome_trace(str(self.folder / TRACE))
        order = "self_cuda_time_total" if self.device.type == "cuda" else "self_cpu_time_total"
        table = self._profile.key_averages().table(sort_by=order, row_limit=40, max_name_column_width=60)
        (self.folder / TABLE).write_text(table + "\n")
        self.progress.say(f"profile of {self.config.steps} steps: {self.folder / TRACE} and {self.folder / TABLE}")

    def state_dict(self) -> dict[str, Tensor]:
        return self.game.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.game.load_state_dict(state)
