"""``--show-settings``: what a scan would be told, as TOML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from ..scan.config import Settings


def lines(settings: Settings) -> Iterator[str]:
    """Every setting that has a value, and where the settings are from."""
    yield f"# from {settings.source or 'the defaults'} and the flags; paths and patterns start at {settings.root}\n"
    yield "[tool.buglab]\n"
    for one in fields(Settings):
        value = getattr(settings, one.name)
        if one.name not in ("root", "source"):
            key = one.name.replace("_", "-")
            yield f"# {key}: not set\n" if value is None else f"{key} = {_toml(value)}\n"


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
