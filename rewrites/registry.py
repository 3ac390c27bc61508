"""The rules and transformations there are: found in their folders, rules by entry points of other distributions too, never
listed by hand.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import entry_points
from operator import getitem
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from .base import Rule, Site
from .transformation import Transformation

if TYPE_CHECKING:
    from .unit import Unit


GROUP = "buglab.rules"
"""Entry points of other distributions: each names a class that is a Rule."""

_FOREIGN_CODE = re.compile(r"(?!BL)[A-Z]{2,8}\d{3}")

T = TypeVar("T")


@cache
def own_rules() -> tuple[Rule, ...]:
    """One instance of every rule of this package, in order of code."""
    from . import rules as folder

    found = sorted((kind() for kind in _found_in(folder, Rule, "code")), key=lambda rule: rule.code)
    codes = [rule.code for rule in found]
    if len(set(codes)) < len(codes):
        raise ValueError(f"two rules share a code: {codes}")
    return tuple(found)


@cache
def transformations() -> tuple[Transformation, ...]:
    """One instance of every transformation, in order of name."""
    from . import preserving as folder

    return tuple(sorted((kind() for kind in _found_in(folder, Transformation, "name")), key=lambda one: one.name))


@cache
def _foreign() -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules of other distributions in order of code, and a sentence for each that cannot be used."""
    found: dict[str, Rule] = {}
    refused: list[str] = []
    names = {rule.name for rule in own_rules()}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            kind = entry.load()
            rule = kind()
            flaw = _flaw(rule) or (f"its code {rule.code} is taken" if rule.code in found else "")
            flaw = flaw or (f"its name {rule.name!r} is taken" if rule.name in names else "")
        except Exception as error:  # whatever a stranger's module may raise
            flaw = f"{type(error).__name__}: {error}"
        if flaw:
            refused.append(f"the rule {entry.value} (entry point {entry.name!r}) is left out: {flaw}")
        else:
            found[rule.code] = rule
            names.add(rule.name)
    return tuple(rule for _, rule in sorted(found.items())), tuple(refused)


def _flaw(rule: object) -> str:
    if not isinstance(rule, Rule):
        return "it is no subclass of buglab.rewrites.base.Rule"
    missing = [name for name in ("code", "name", "summary", "why", "looks_at", "examples") if not hasattr(rule, name)]
    if missing:
        return f"it has no {missing[0]!r}"
    if not _FOREIGN_CODE.fullmatch(rule.code):
        return f"its code {rule.code!r} is not two to eight capitals, other than BL, and three digits"
    return ""


@cache
def rules() -> tuple[Rule, ...]:
    """One instance of every rule, in order of code: our own, then those of other distributions.

    So the ids of our own are the same whatever else is installed.
    """
    return own_rules() + _foreign()[0]


def refused_rules() -> tuple[str, ...]:
    """Why rules of other distributions were left out, a sentence each."""
    return _foreign()[1]


def rule_by_code(code: str) -> Rule:
    """The rule with this code; raises KeyError."""
    return {rule.code: rule for rule in rules()}[code]


Finder = Callable[["Unit", int], Iterable[Site]]


class _Labels(dict[str, tuple[Finder, ...]]):
    """Label of a node -> what finds the sites there, in order of code; for LibCST nodes of one type."""

    def __init__(self, kind: type) -> None:
        self.rules = [rule for rule in rules() if kind in rule.looks_at]

    def __missing__(self, label: str) -> tuple[Finder, ...]:
        self[label] = tuple(rule.sites for rule in self.rules if not rule.labels or label in rule.labels)
        return self[label]


class _Kinds(dict[type, _Labels]):
    """Type of a LibCST node -> its labels."""

    def __missing__(self, kind: type) -> _Labels:
        self[kind] = _Labels(kind)
        return self[kind]


_KINDS = _Kinds()


def sites_of(unit: Unit) -> tuple[Site, ...]:
    """All sites of a unit, in skeleton order and, at one node, in order of code."""
    frozen = unit.frozen
    found: list[Site] = []
    labels = map(_KINDS.__getitem__, map(type, unit.tree))
    for node, finders in enumerate(map(getitem, labels, unit.label)):
        if finders and node not in frozen:
            for sites in finders:
                found.extend(sites(unit, node))
    return tuple(found)


def _found_in(folder: ModuleType, kind: type[T], mark: str) -> list[type[T]]:
    """The classes below ``kind`` in the modules of a folder; concrete are those that define ``mark``."""
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    return [found for found in _concrete(kind, mark) if found.__module__.startswith(f"{folder.__name__}.")]


def _concrete(kind: type[T], mark: str) -> list[type[T]]:
    below = [leaf for child in kind.__subclasses__() for leaf in _concrete(child, mark)]
    return ([kind] if mark in vars(kind) else []) + below
