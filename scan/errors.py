"""Why a scan cannot be done at all."""

from __future__ import annotations


class CannotScan(Exception):
    """The job as a whole cannot be done (exit code 2).  The message is one sentence that says what to do next.

    What is wrong with a single file is never raised: it becomes finding BL000 and the scan goes on.
    """


class ConfigError(CannotScan):
    """A configuration that cannot be followed."""
