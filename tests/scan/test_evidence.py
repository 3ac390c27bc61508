"""What is said in favour of a repair is so, and says where."""

from __future__ import annotations

import pytest

from buglab.graph.context import Surroundings
from buglab.rewrites.registry import rules
from buglab.rewrites.source import Source
from buglab.scan.candidates import Candidate
from buglab.scan.evidence import MOST, evidence


def said(text: str, before: str, proposed: str) -> tuple[str, ...]:
    """The evidence for the option ``proposed`` at the last site that starts right behind the text ``before``."""
    source = Source.parse(text)
    found = [
        Candidate(unit, site, option, 0.0, ())
        for unit in source.units
        for site in unit.sites
        for option, one in enumerate(site.options)
        if one.edit is not None and one.content == proposed and text[: one.edit.start].endswith(before)
    ]
    return evidence(source, Surroundings(source), found[-1])


@pytest.mark.parametrize(
    ("text", "before", "proposed", "expected"),
    [
        (
            "def area(width, height):\n    return width * width\n",
            "* ",
            "height",
            ("`width` stands here twice", "nothing else in `area` reads the parameter `height`"),
        ),
        (
            "def f(a, height):\n    g(a)\n    return height\ndef g(height): ...\n",
            "g(",
            "height",
            ("the parameter that takes it is called `height`",),
        ),
        (
            "def f(a, user_name):\n    self.name = a\n    return user_name\n",
            "= ",
            "user_name",
            ("its value goes to `self.name`",),
        ),
        (
            "def f(a, size):\n    size += 1\n    return g(size=a)\n",
            "(size=",
            "size",
            ("its value goes to `size`",),
        ),
        (
            "def f(low, x, high):\n    if low < x:\n        high(low)\n    return x < high\n",
            "return ",
            "low",
            ("`low` was compared on line 2",),
        ),
        (
            "def f(xs, i, j):\n    xs[j]\n    del j.x\n    return xs[i]\n",
            "return xs[",
            "j",
            ("`j` was used as an index on line 2",),
        ),
        ("a = 1\nb = 2\nprint(a)\n", "print(", "b", ()),
        ("def f(low, x, high):\n    del low.x\n    return high.x\n", "return ", "low", ()),
        ("def f(a, b):\n    def g():\n        return b\n    return a, g\n", "return ", "b", ()),
        (
            "def f(a, b):\n    return g(b, a)\ndef g(left, right): ...\n",
            "g(",
            "a, b",
            ("the parameters are called `left` and `right`, in this order",),
        ),
        (
            "def f(a, b):\n    h(a, b)\n    h(b, c)\n    return h(b, a)\n",
            "return h(",
            "a, b",
            ("`h(a, b)` on line 2 passes them the other way round",),
        ),
        (
            "def f(i, n):\n    if i <= n:\n        pass\n    while i < n:\n        pass\n",
            "while i ",
            "<=",
            ("`i <= n` is written on line 2",),
        ),
        ("def f(i, n):\n    if 1 <= 2:\n        pass\n    while i < n:\n        pass\n", "while i ", "<=", ()),
    ],
)
def test_what_speaks_for_a_repair(text: str, before: str, proposed: str, expected: tuple[str, ...]) -> None:
    assert said(text, before, proposed) == expected


def test_every_repair_of_every_rule_can_be_spoken_for() -> None:
    texts = {text for rule in rules() for example in rule.examples for text in (example.right, example.wrong)}
    asked = set()
    for source in map(Source.parse, texts):
        around = Surroundings(source)
        for unit in source.units:
            for site in unit.sites:
                for option in (index for index, one in enumerate(site.options) if one.edit is not None):
                    found = evidence(source, around, Candidate(unit, site, option, 0.0, ()))
                    assert len(found) <= MOST
                    assert not any("\n" in sentence for sentence in found)
                    asked.add(site.rule.code)
    assert asked == {rule.code for rule in rules()}
