"""Fingerprints survive what does not change a finding, and tell apart what does."""

from __future__ import annotations

from buglab.scan.finding import Finding, Location, Severity
from buglab.scan.fingerprint import Fingerprints


def fingerprints(text: str, *words: str, path: str = "pkg/mod.py", function: str = "f", code: str = "BL101") -> list[str]:
    def finding(row: int) -> Finding:
        here = Location(row, 1)
        return Finding(code, "n", path, function, here, here, "message", 0.5, 0.1, Severity.WARNING)

    places = [(text.index(word), finding(row)) for row, word in enumerate(words, 1)]
    return [found.fingerprint for found in Fingerprints(path, text).assign(places)]


WRITTEN = "def f(a, b):\n    return call('x', a, b)\n"


def test_layout_quotes_comments_and_place_do_not_matter() -> None:
    formatted = (
        'import os\n\n\ndef f(a, b):\n    # why\n    return call(\n        "x",\n        a,  # first\n        b,\n    )\n'
    )
    assert fingerprints(WRITTEN, "a, b)\n") == fingerprints(formatted, "a,  #")


def test_statement_rule_path_and_function_matter() -> None:
    base = fingerprints(WRITTEN, "return")
    assert len({*base, *fingerprints(WRITTEN.replace("'x'", "'y'"), "return")}) == 2
    assert len({*base, *fingerprints(WRITTEN, "return", code="BL401")}) == 2
    assert len({*base, *fingerprints(WRITTEN, "return", path="pkg/other.py")}) == 2
    assert len({*base, *fingerprints(WRITTEN, "return", function="g")}) == 2


def test_the_same_statement_twice_is_counted() -> None:
    text = "def f(a):\n    g(a)\n    h()\n    g( a )\n"
    first, second = fingerprints(text, "g(a)", "g( a )")
    assert first != second
    assert [first] == fingerprints(text, "g(a)")
