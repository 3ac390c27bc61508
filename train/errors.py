"""Failures that a person can mend: each is one sentence that names the thing, what is wrong with it and the next step."""

from __future__ import annotations


class TrainError(Exception):
    """Shown without a traceback; the command ends with exit code 2."""


class CheckpointError(TrainError):
    """A checkpoint is missing, damaged, or belongs to another network, corpus or schema."""
