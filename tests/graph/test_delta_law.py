"""The law that carries the design: the graph of the rewritten text is the delta applied to the graph, its sites included."""

from __future__ import annotations

import random
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from buglab.rewrites.base import Rule
from buglab.rewrites.registry import rules
from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack

from .law import Place, check, places

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(path for path in STDLIB.rglob("*.py") if "site-packages" not in path.parts)
CHECKS = 2_000
SHORT = 2_500
"""Characters of a file whose places are also rewritten one by one."""


def check_standard_library(seed: int, count: int) -> Counter[str]:
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    for path in rng.sample(FILES, len(FILES)):
        try:
            source = Source.parse(decode(path.read_bytes()))
        except Unreadable:
            continue
        for chosen in places(source, rng, done):
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


def options(source: Source) -> list[Place]:
    return [
        (u, s, o)
        for u, unit in enumerate(source.units)
        for s, site in enumerate(unit.sites)
        for o, option in enumerate(site.options)
        if option.edit is not None
    ]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_every_example_obeys_the_law(rule: Rule) -> None:
    for example in rule.examples:
        source = Source.parse(example.right)
        made = set()
        for u, s, o in options(source):
            check(source, [(u, s, o)])
            site = source.units[u].sites[s]
            if site.rule is rule:
                made.add(site.options[o].edit.apply(source.text))
        assert example.wrong in made
