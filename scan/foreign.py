"""The rules that other distributions bring, found without importing anything of them."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.machinery import PathFinder

GROUP = "buglab.rules"
"""As in `rewrites/registry.py`, which imports LibCST."""

INFO = ("dist-info", "egg-info")
"""Ends of the names of folders in which installers leave what they know."""


@cache
def foreign_rules() -> tuple[tuple[str, str], ...]:
    """Their classes, and the versions of the distributions."""
    if not _perhaps_some():
        return ()
    from importlib.metadata import entry_points

    found = entry_points(group=GROUP)
    return tuple(sorted((entry.value, entry.dist.version if entry.dist is not None else "") for entry in found))


def refused_rules() -> tuple[str, ...]:
    """Why rules of other distributions are left out, a sentence each; LibCST is imported only if there are any."""
    if not foreign_rules():
        return ()
    from ..rewrites.registry import refused_rules as refused

    return refused()


def _perhaps_some() -> bool:
    """Whether the group is named in the folders where installers leave entry points, or distributions are found elsewhere too.

    ``importlib.metadata`` knows for certain, and its import alone takes half as long as listing the rules does.
    """
    if any(hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not PathFinder):
        return True
    return any(_names_group(place or os.curdir) for place in sys.path)


def _names_group(place: str) -> bool:
    try:
        names = os.listdir(place)  # noqa: PTH208  # there are many, and Paths take five times as long
    except NotADirectoryError:  # an archive
        return True
    except OSError:
        return False
    return any(_holds_group(f"{place}/{name}/entry_points.txt") for name in names if name.lower().endswith(INFO))


def _holds_group(path: str) -> bool:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            return GROUP.encode() in stream.read()
    except OSError:
        return False
