"""What is bound and meant not to be read: it is not proposed to read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.rewrites.source import Source
from buglab.scan.config import Settings
from buglab.scan.deliberate import deliberately_unread
from buglab.scan.engine import Engine
from buglab.scan.files import named_file

HEAD = "import pytest\n"


def found(text: str) -> dict[str, set[str]]:
    source = Source.parse(HEAD + text)
    effects = deliberately_unread(source)
    named = {unit.name: {unit.symbols[one].name for one in effects.get(id(unit), ())} for unit in source.units}
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
        ("def test_a(pyplot=None, *rest, **more):\n    pass\n", {}),
        ("def test_a(pyplot):\n    def inner():\n        return pyplot\n    inner()\n", {}),
        ("@pytest.mark.parametrize('a, b', [(1, 2)])\ndef test_a(a, b, c):\n    use(a)\n", {"test_a": {"c"}}),
        ("@pytest.mark.parametrize(['a', 'b'], [(1, 2)])\ndef test_a(a, b, c):\n    use(a)\n", {"test_a": {"c"}}),
        ("@given(integers(), integers())\ndef test_a(a, b):\n    assert f(a, a)\n", {}),
        ("def test_a(first):\n    first = 2\n    return lambda first: first\n", {"test_a": {"first"}}),
    ],
)
def test_names_that_are_meant_not_to_be_read(text: str, expected: dict[str, set[str]]) -> None:
    assert found(text) == expected


def test_to_read_one_is_not_proposed(tmp_path: Path, model: Path) -> None:
    """At threshold 0 the best candidate of every function is reported, and here there is but one for this rule."""
    settings = Settings(root=tmp_path, model=model, min_confidence=0.0, select=("BL101",), cache=False)
    engine = Engine.prepare(settings)
    for name, proposed in (("plot_a", ["pyplot"]), ("test_a", [])):
        text = f"def {name}(folder, pyplot):\n    save(folder)\n"
        (report,) = engine.scan([named_file(tmp_path / "mod.py", settings, text.encode())])
        assert [finding.fix.edits[0].content for finding in report.findings if finding.fix] == proposed
