"""The rules there are, found by looking into the ``rules`` folder, never listed by hand."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from .base import Rule, Site

if TYPE_CHECKING:
    import libcst as cst

    from .unit import Unit


@cache
def rules() -> tuple[Rule, ...]:
    """One instance of every rule, in order of code."""
    from . import rules as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    found = sorted((kind() for kind in _concrete(Rule)), key=lambda rule: rule.code)
    codes = [rule.code for rule in found]
    if len(set(codes)) < len(codes):
        raise ValueError(f"two rules share a code: {codes}")
    return tuple(found)


def rule_by_code(code: str) -> Rule:
    """The rule with this code; raises KeyError."""
    return {rule.code: rule for rule in rules()}[code]


@cache
def _dispatch() -> dict[type[cst.CSTNode], tuple[Rule, ...]]:
    table: dict[type[cst.CSTNode], tuple[Rule, ...]] = {}
    for rule in rules():
        for kind in rule.looks_at:
            table[kind] = (*table.get(kind, ()), rule)
    return table


def sites_of(unit: Unit) -> tuple[Site, ...]:
    """All sites of a unit, in skeleton order and, at one node, in order of code."""
    table, frozen = _dispatch(), unit.frozen
    found: list[Site] = []
    for node, tree in enumerate(unit.tree):
        for rule in table.get(type(tree), ()):  # type: ignore[arg-type]
            if node not in frozen:
                found.extend(rule.sites(unit, node))
    return tuple(found)


def _concrete(kind: type[Rule]) -> list[type[Rule]]:
    below = [leaf for child in kind.__subclasses__() for leaf in _concrete(child)]
    return ([kind] if "code" in vars(kind) else []) + below
