"""How much one request, and all together, may ask of the service."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What goes beyond them is refused with a sentence."""

    workers: int = 1
    """processes that analyse"""
    queue: int = 16
    """scans that may wait for one; those beyond are refused (429)"""
    body_bytes: int = 4_000_000
    """bytes of a request's body (413)"""
    seconds: float = 60.0
    """for each of: sending the body (408), waiting for a process (503), being analysed by one (504)"""
    connections: int = 512
    """open at the same time; those beyond are answered with 503 at once"""

    @property
    def scans(self) -> int:
        """Admitted at the same time."""
        return self.workers + self.queue
