"""What a run says while it trains, on standard error: a live line in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time

from rich.console import Console

SECONDS_BETWEEN_LINES = 30.0

SHOWN = ("/loss", "/reward", "/alarm_on_mutant", "/alarm_on_clean", "steps_per_s")
"""Endings of the metrics in that line; all of them go to the tracker."""


class Progress:
    """``update`` costs nothing between two lines."""

    def __init__(self, console: Console | None = None, every: float = SECONDS_BETWEEN_LINES) -> None:
        self.console = console or Console(stderr=True, soft_wrap=True, highlight=False)
        self.every = every
        self._said = float("-inf")
        self._live = self.console.status("") if self.console.is_terminal else None

    def say(self, message: str) -> None:
        """A line that stays."""
        self.console.print(message, markup=False)

    def update(self, step: int, elapsed: float, metrics: dict[str, float]) -> None:
        figures = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items() if name.endswith(SHOWN))
        text = f"step {step}  {elapsed / 60:.1f} min  {figures}"
        if self._live:
            self._live.start()
            self._live.update(text)
        elif time.monotonic() - self._said >= self.every:
            self._said = time.monotonic()
            self.say(text)

    def close(self) -> None:
        if self._live:
            self._live.stop()
