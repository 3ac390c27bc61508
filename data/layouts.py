"""Copies by path: a folder or module with a held-out import name, unless it plainly is another package's own part.

``sklearn/datasets`` is no copy of ``datasets``.  A name is passed only where all of this holds: the folder it stands in is a
regular package (it has an ``__init__.py``), nothing on the way looks like a place for other people's code, and what it holds
is not laid out like the held-out project.  ``heldout-layouts.txt`` has the layouts: the names directly below each import name.
Whatever is passed here is still compared by content, more strictly than other files (see ``Guard.knows``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from .heldout import Guard, Layouts

VENDOR_PLACES = frozenset(
    "_vendor vendor _vendored vendored vendors third_party thirdparty third-party 3rdparty external externals _external extern "
    "_extern deps _deps dependencies bundled _bundled bundle backports site-packages dist-packages node_modules eggs wheels "
    "forks fork copies".split()
)
"""Nothing below such a folder is a package's own."""
_OUTER_PLACES = frozenset("ext exts packages _packages lib libs _libs contrib _contrib compat _compat src py python".split())
"""Nothing directly in such a folder is."""
_COMMON_NAMES = frozenset(
    "__init__ __main__ __about__ __version__ _version version utils _utils util base _base core types _types exceptions errors "
    "constants models config conf settings helpers common compat _compat cli main api client data tests test testing".split()
)
_LEAST, _SHARE = 2, 0.2


class Tree:
    """All paths of one source (with ``/``), and which of them stand in a copy of held-out code by their names."""

    def __init__(self, paths: Iterable[str], guard: Guard, layouts: Layouts) -> None:
        self._guard, self._layouts = guard, layouts
        self._names: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for path in paths:
            parts = PurePosixPath(path).parts
            for depth in range(len(parts)):
                self._names[parts[:depth]].add(parts[depth].removesuffix(".py"))
        self._passed: dict[tuple[str, ...], bool] = {}

    def holds(self, path: str) -> bool:
        """Whether ``path`` stands in a copy."""
        parts = PurePosixPath(path).parts
        return any(not self._own(parts[:end]) for end in self._ends(parts))

    def suspects(self, path: str) -> bool:
        """Whether ``path`` bears a held-out name, be it a copy or not."""
        return self._guard.holds_path(path)

    def _ends(self, parts: tuple[str, ...]) -> list[int]:
        """Where held-out names end in ``parts``."""
        if not self._guard.holds_path("/".join(parts)):
            return []
        ends = [end for end in range(1, len(parts) + 1) if self._guard.holds_path(parts[end - 1])]
        return ends or [0]  # a name of several parts: never passed

    def _own(self, place: tuple[str, ...]) -> bool:
        """Whether the folder or module ``place``, which bears a held-out name, is a part of the package it stands in."""
        if place not in self._passed:
            self._passed[place] = self._decide(place)
        return self._passed[place]

    def _decide(self, place: tuple[str, ...]) -> bool:
        package, name = place[:-1], place[-1:]
        if not package or "__init__" not in self._names.get(package, ()):
            return False
        if package[-1].lower() in _OUTER_PLACES or not VENDOR_PLACES.isdisjoint(map(str.lower, package)):
            return False
        layout = self._layouts.get(name[0].removesuffix(".py"))
        if layout is None:  # a distribution's name and version, or a project whose layout is not known
            return False
        if name[0].endswith(".py"):
            return bool(layout)  # a module cannot be a copy of a package; of a module it could
        own = self._names[place] - _COMMON_NAMES
        both = own & (layout - _COMMON_NAMES)
        return bool(layout) and (len(both) < _LEAST or len(both) < _SHARE * min(len(own), len(layout - _COMMON_NAMES)))
