"""What is bound and meant not to be read: it is not proposed to read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.rewrites.source import Source
from buglab.scan.config import Settings
from buglab.scan.deliberate import deliberate
from buglab.scan.engine import Engine
from buglab.scan.files import named_file

HEAD = "import pytest\n"


def found(text: str) -> dict[str, set[str]]:
    source = Source.parse(HEAD + text)
    meant = deliberate(source)
    named = {unit.name: {unit.symbols[one].name for one in meant[id(unit)].unread} for unit in source.units}
    return {name: names for name, names in named.items() if names}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a(folder, pyplot):\n    save(folder)\n", {"test_a": {"pyplot"}}),
        ("class TestA:\n    def test_a(self, pyplot, *, other):\n        save(self)\n", {"TestA.test_a": {"pyplot", "other"}}),
        ("@pytest.fixture(scope='module')\ndef made(pyplot):\n    return 1\n", {"made": {"pyplot"}}),
        ("def plot(pyplot):\n    return 1\n", {}),
        ("def f(items):\n    for _, item in items:\n        use(item)\n", {"f": {"_"}}),
        ("def f(_first, _second, third):\n    return _second\n", {"f": {"_first"}}),
        ("def test_a(pyplot=None, *rest, **more):\n    use(rest)\n", {"test_a": {"more"}}),
        ("def f(a, *rest, **more):\n    pass\n", {"f": {"rest", "more"}}),
        ("def f(a, b):\n    use(a)\ndef g(a, b):\n    use(a)\nconnect(g)\nf(1, 2)\n", {"g": {"b"}}),
        ("def f(a):\n    def g(b, c):\n        use(b)\n    return [g, f(a)]\n", {"f.<locals>.g": {"c"}}),
        (
            "class A:\n    def f(self, a):\n        on(self.g, self.h(1))\n    def g(self, b):\n        pass\n"
            "    def h(self, c):\n        pass\n",
            {"A.g": {"b"}},
        ),
        ("def f(g, a):\n    return g.h(lambda x, y: a + x)\n", {"f": {"y"}}),
        ("@functools.lru_cache()\ndef f(a, b=0):\n    return a\n", {"f": {"b"}}),
        ("@app.route('/<a>')\ndef f(a):\n    return 1\n", {}),
        ("def test_a(pyplot):\n    def inner():\n        return pyplot\n    inner()\n", {}),
        ("@pytest.mark.parametrize('a, b', [(1, 2)])\ndef test_a(a, b, c):\n    use(a)\n", {"test_a": {"c"}}),
        ("@pytest.mark.parametrize(['a', 'b'], [(1, 2)])\ndef test_a(a, b, c):\n    use(a)\n", {"test_a": {"c"}}),
        ("@given(integers(), integers())\ndef test_a(a, b):\n    assert f(a, a)\n", {}),
        ("def test_a(first):\n    first = 2\n    return lambda first: first\n", {"test_a": {"first"}}),
    ],
)
def test_names_that_are_meant_not_to_be_read(text: str, expected: dict[str, set[str]]) -> None:
    assert found(text) == expected


def test_what_swallows_arguments_may_be_missing_where_something_is_spread() -> None:
    source = Source.parse("def f(first, *args, **kwargs):\n    return g(first, *args, **args)\n")
    (function,) = (unit for unit in source.units if unit.kind == "function")
    meant = deliberate(source)[id(function)]
    proposed = [
        [option.content for option in site.options if option.edit is not None and not meant.keeps(site, option)]
        for site in function.sites
        if site.rule.code == "BL101"
    ]
    assert proposed == [["args"], ["first", "kwargs"], ["first", "kwargs"]]


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("Table.column != None", True),
        ("None == Table.column", True),
        ("row.column == None  # noqa: E711", True),
        ("row.column == None", False),
        ("LIMIT.value == None", False),
        ("Table.column == 3", False),
        ("Table == None", False),
    ],
)
def test_comparisons_that_are_overloaded_are_no_tests_of_identity(condition: str, meant: bool) -> None:
    source = Source.parse(f"def f(row):\n    g(\n        {condition}\n    )\n")
    (function,) = (unit for unit in source.units if unit.kind == "function")
    (site,) = (site for site in function.sites if site.rule.code == "BL201")
    kept = {option.content for option in site.options if deliberate(source)[id(function)].keeps(site, option)}
    assert kept == ({"is", "is not"} if meant else set())


def test_to_read_one_is_not_proposed(tmp_path: Path, model: Path) -> None:
    """At threshold 0 the best candidate of every function is reported, and here there is but one for this rule."""
    settings = Settings(root=tmp_path, model=model, min_confidence=0.0, select=("BL101",), cache=False)
    engine = Engine.prepare(settings)
    for name, proposed in (("plot_a", ["pyplot"]), ("test_a", [])):
        text = f"def {name}(folder, pyplot):\n    save(folder)\n"
        (report,) = engine.scan([named_file(tmp_path / "mod.py", settings, text.encode())])
        assert [finding.fix.edits[0].content for finding in report.findings if finding.fix] == proposed


def test_a_property_does_not_call_itself() -> None:
    source = Source.parse("""\
class Shelf:
    def __init__(self):
        self._books = []

    @property
    def books(self):
        return self._books

    @functools.cached_property
    def first(self):
        return self._books
""")
    proposed = {}
    for unit in source.units:
        meant = deliberate(source)[id(unit)]
        for site in unit.sites:
            if site.rule.code == "BL102" and unit.name != "Shelf.__init__":
                proposed[unit.name] = {o.content for o in site.options if o.edit and not meant.keeps(site, o)}
    assert proposed == {"Shelf.books": {"first"}, "Shelf.first": {"books"}}
