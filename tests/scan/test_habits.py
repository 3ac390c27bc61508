"""What a file does the same way elsewhere is meant so."""

from __future__ import annotations

import pytest

from buglab.rewrites.source import Source
from buglab.scan.habits import Habits


def held(text: str, code: str, proposed: str) -> bool:
    """Whether the first place of the rule in the function ``f`` keeps what it says against ``proposed``."""
    source = Source.parse(text)
    unit = next(unit for unit in source.units if unit.name == "f")
    for site in unit.sites:
        for option in site.options:
            if (site.rule.code, option.content) == (code, proposed):
                assert option.edit is not None
                return Habits(source).hold(unit, site, option)
    raise AssertionError(f"{code} does not propose {proposed}")


ASKED = "def f(a, b):\n    return {}\n\n\ndef g(a, b, c, d):\n    {}\n"


@pytest.mark.parametrize(
    ("code", "written", "elsewhere", "proposed", "expected"),
    [
        ("BL201", "a is VERB", "use(c is VERB, d is VERB)", "==", True),
        ("BL201", "a is VERB", "use(c is VERB)", "==", False),  # one place is no habit
        ("BL201", "a is VERB", "use(c is VERB, d is VERB, a == VERB)", "==", False),  # nor is what is done both ways
        ("BL201", "a is None", "use(c is None, d is None)", "==", False),  # everybody does that
        ("BL201", "a < VERB", "use(c < VERB, d < VERB)", "<=", False),  # a limit may be off in one place of three
        ("BL201", "a < b", "if a < b:\n        use(c)", "<=", True),  # the very same
        ("BL201", "a < b", "if a <= b:\n        use(c)", "<=", False),
        ("BL203", "a & Owner", "use(c & Owner, d & Owner)", "|", True),
        ("BL203", "a & Owner", "use(c & Owner, d | Owner)", "|", False),
        ("BL401", "info(a, 'done')", "say.info(c, 'this'); say.info(d, 'that')", "'done', a", True),
        ("BL401", "info(a, 'done')", "say.info(c, 'this'); say.info('that', d)", "'done', a", False),
        ("BL401", "info(a, 'done')", "say.warn(c, 'this'); say.warn(d, 'that')", "'done', a", False),
        ("BL401", "info(a, b)", "info(c, d); info(d, c); info(b, c)", "b, a", False),  # names say nothing
        ("BL401", "info(a, b)", "info(a, b)", "b, a", True),
        ("BL101", "a + a", "use(a + a)", "b", False),
    ],
)
def test_habits(code: str, written: str, elsewhere: str, proposed: str, expected: bool) -> None:
    assert held(ASKED.format(written, elsewhere), code, proposed) is expected


def test_a_nested_function_is_no_second_place() -> None:
    text = "def f(a, b):\n    def g(c):\n        return c\n    return a < b\n"
    assert not held(text, "BL201", "<=")
    nested = "def outer():\n    def f(a, b):\n        return a < b\n    return f\n"
    source = Source.parse(nested)
    unit = next(unit for unit in source.units if unit.name.endswith("f"))
    site = next(site for site in unit.sites if site.rule.code == "BL201")
    option = next(option for option in site.options if option.content == "<=")
    assert not Habits(source).hold(unit, site, option)
