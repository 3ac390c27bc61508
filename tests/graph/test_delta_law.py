"""The law that carries the design: the graph of the rewritten text is the delta applied to the graph."""

from __future__ import annotations

import random
import sysconfig
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from buglab.graph.build import Builder
from buglab.graph.context import Surroundings
from buglab.graph.delta import apply
from buglab.rewrites.base import Rule, Swap
from buglab.rewrites.registry import rules
from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack
from buglab.rewrites.unit import Unit

from .canonical import canonical

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(path for path in STDLIB.rglob("*.py") if "site-packages" not in path.parts)
CHECKS = 3_000
SHORT = 2_500
"""Characters of a file whose places are also rewritten one by one."""

Place = tuple[int, int, int]
"""unit, site, option"""


def swapped_order(unit: Unit, size: int, change: Swap) -> np.ndarray:
    """Where each node of the original lies in the graph of the text with two subtrees exchanged."""
    a, a_end, b, b_end = change.first, unit.last(change.first) + 1, change.second, unit.last(change.second) + 1
    sequence = [*range(a), *range(b, b_end), *range(a_end, b), *range(a, a_end), *range(b_end, size)]
    order = np.empty(size, np.int64)
    order[sequence] = np.arange(size)
    return order


def places(source: Source, rng: random.Random, wanted: Counter[str]) -> list[Place]:
    """One place in each unit, none in a function that is nested in another one (its names show in the outer graph)."""
    found = []
    for u, unit in enumerate(source.units):
        options = [
            (u, s, o) for s, site in enumerate(unit.sites) for o, option in enumerate(site.options) if option.edit is not None
        ]
        if options and "<locals>" not in unit.name:
            by_rule: dict[str, list[Place]] = {}
            for place in options:
                by_rule.setdefault(unit.sites[place[1]].rule.code, []).append(place)
            rarest = min(by_rule, key=lambda code: (wanted[code], code))
            wanted[rarest] += 1
            found.append(rng.choice(by_rule[rarest]))
    return found


def check(source: Source, chosen: list[Place]) -> None:
    """Rewrite all places at once (they lie in different units), parse once, and compare each unit's graph.

    What a unit returns shows in its callers, and a constant where it is read: unless one place alone is rewritten, all are
    seen in the surroundings that they had before.
    """
    edits = sorted((source.units[u].sites[s].options[o].edit for u, s, o in chosen), key=lambda e: e.start, reverse=True)
    text = source.text
    for edit in edits:
        assert edit.inverse(text).apply(edit.apply(text)) == text
        text = edit.apply(text)
    rebuilt_source = Source.parse(text)
    before = Surroundings(source)
    after = Surroundings(rebuilt_source) if len(chosen) == 1 else before
    for u, s, o in chosen:
        unit, rebuilt_unit = source.units[u], rebuilt_source.units[u]
        site = unit.sites[s]
        option = site.options[o]
        original = Builder(unit, before.of(unit)).graph()
        mutated = apply(original, int(original.option_ptr[s]) + o)
        order = swapped_order(unit, original.num_nodes, option.change) if isinstance(option.change, Swap) else None
        expected, got = canonical(Builder(rebuilt_unit, after.of(rebuilt_unit)).graph()), canonical(mutated, order)
        context = f"{unit.name}: {site.rule.code} {site.options[site.chosen].content} -> {option.content}"
        for part in ("label", "role", "text", "edges"):
            assert got[part] == expected[part], (part, context)
        # the rule sees the same sites and options as before, so the original is on offer where the change was made; a swap may
        # make two arguments of a call around it differ that were equal, and so no site, before: there only its own call counts
        rule, call = int(original.site_rule[s]), site.node
        same = [[x for x in side["sites"] if x[0] == rule and (order is None or x[1][0] == call)] for side in (got, expected)]
        assert same[0] == same[1], context


def check_standard_library(seed: int, count: int) -> Counter[str]:
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    for path in rng.sample(FILES, len(FILES)):
        try:
            source = Source.parse(decode(path.read_bytes()))
        except Unreadable:
            continue
        chosen = places(source, rng, done)
        check(source, chosen)
        if len(source.text) < SHORT:
            for place in chosen:
                check(source, [place])
        if done.total() >= count:
            break
    return done


def test_every_rule_obeys_the_law_on_the_standard_library() -> None:
    done = on_deep_stack(lambda: check_standard_library(0, CHECKS))
    assert done.total() >= CHECKS
    assert set(done) == {rule.code for rule in rules()}, done


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_every_example_obeys_the_law(rule: Rule) -> None:
    for example in rule.examples:
        source = Source.parse(example.right)
        made = set()
        for u, unit in enumerate(source.units):
            for s, site in enumerate(unit.sites):
                for o, option in enumerate(site.options):
                    if option.edit is not None:
                        check(source, [(u, s, o)])
                        if site.rule is rule:
                            made.add(option.edit.apply(source.text))
        assert example.wrong in made
