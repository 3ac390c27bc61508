"""Formats: what programs read, field by field, and what people read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from buglab.scan.finding import Alternative, Excerpt, Finding, Fix, Location, Replacement, Severity
from buglab.scan.report import FORMATS, Context, format_by_name

CONTEXT = Context("some model", "0" * 64)
FINDING = Finding(
    code="BL101",
    name="variable-misuse",
    filename="pkg/mod.py",
    function="Parser.feed",
    location=Location(12, 9),
    end_location=Location(12, 14),
    message="`index` is probably wrong here; `target` fits better",
    confidence=0.93,
    score=4.1,
    severity=Severity.WARNING,
    fix=Fix("Replace `index` with `target`", (Replacement("target", Location(12, 9), Location(12, 14)),)),
    alternatives=(Alternative("other", 0.04),),
    fingerprint="f" * 32,
    excerpt=Excerpt(11, ("def feed(self):", "    use(index, 1)", "    return")),
)
BROKEN = Finding(
    code="BL000",
    name="not-analysed",
    filename="pkg/bad.py",
    function="<module>",
    location=Location(3, 1),
    end_location=Location(3, 1),
    message="syntax error: expected INDENT",
    confidence=1.0,
    score=None,
    severity=Severity.ERROR,
    excerpt=Excerpt(1, ("if a:", "", "b = 1")),
)


def render(name: str, *findings: Finding, colour: bool = False) -> str:
    return "".join(format_by_name(name)(findings, replace(CONTEXT, colour=colour)))


def test_json_has_exactly_the_documented_fields() -> None:
    assert json.loads(render("json", FINDING)) == [
        {
            "schema_version": 1,
            "code": "BL101",
            "name": "variable-misuse",
            "filename": "pkg/mod.py",
            "function": "Parser.feed",
            "location": {"row": 12, "column": 9},
            "end_location": {"row": 12, "column": 14},
            "message": "`index` is probably wrong here; `target` fits better",
            "confidence": 0.93,
            "score": 4.1,
            "severity": "warning",
            "fix": {
                "applicability": "unsafe",
                "message": "Replace `index` with `target`",
                "edits": [
                    {"content": "target", "location": {"row": 12, "column": 9}, "end_location": {"row": 12, "column": 14}}
                ],
            },
            "alternatives": [{"content": "other", "confidence": 0.04}],
            "fingerprint": "f" * 32,
            "suppressed": False,
            "verification": None,
            "url": "docs/rules/BL101.md",
            "model": {"name": "some model", "sha256": "0" * 64},
        }
    ]


def test_a_file_that_was_not_analysed_has_the_same_keys() -> None:
    broken, finding = json.loads(render("json", BROKEN, FINDING))
    assert list(broken) == list(finding)
    assert (broken["score"], broken["fix"], broken["severity"], broken["alternatives"]) == (None, None, "error", [])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_and_json_lines_hold_the_same(count: int) -> None:
    findings = [replace(FINDING, filename=f"{at}.py") for at in range(count)]
    assert json.loads(render("json", *findings)) == [json.loads(line) for line in render("json-lines", *findings).splitlines()]


def test_concise_is_one_line_each() -> None:
    assert render("concise", FINDING, BROKEN) == (
        "pkg/mod.py:12:9: BL101 `index` is probably wrong here; `target` fits better [93%]\n"
        "pkg/bad.py:3:1: BL000 syntax error: expected INDENT\n"
    )


def test_full_shows_code_repair_and_alternatives() -> None:
    expected = """\
pkg/mod.py:12:9: BL101 `index` is probably wrong here; `target` fits better [93%]
   |
11 | def feed(self):
12 |     use(index, 1)
   |         ^^^^^
13 |     return
   |
   -     use(index, 1)
   +     use(target, 1)
   = in Parser.feed; else `other` 4%

"""
    assert render("full", FINDING) == expected
    assert render("full", BROKEN) == (
        "pkg/bad.py:3:1: BL000 syntax error: expected INDENT\n  |\n1 | if a:\n2 |\n3 | b = 1\n  | ^\n  |\n\n"
    )


def test_full_shows_edits_over_several_rows_and_insertions() -> None:
    swap = replace(
        FINDING,
        location=Location(2, 6),
        end_location=Location(3, 7),
        fix=Fix("", (Replacement("b,\n     a", Location(2, 6), Location(3, 7)),)),
        excerpt=Excerpt(1, ("x = 1", "call(a,", "     b)", "y = 2")),
    )
    assert "  - call(a,\n  -      b)\n  + call(b,\n  +      a)\n" in render("full", swap)
    insertion = replace(FINDING, location=Location(1, 4), end_location=Location(1, 5), excerpt=Excerpt(1, ("if a:",)))
    insertion = replace(insertion, fix=Fix("", (Replacement("not ", Location(1, 4), Location(1, 4)),)))
    assert "  - if a:\n  + if not a:\n" in render("full", insertion)


def test_a_repair_of_many_rows_is_told_in_words() -> None:
    far = replace(FINDING, fix=Fix("Replace `a` with `b`", (Replacement("b", Location(12, 9), Location(40, 2)),)))
    assert "   = Replace `a` with `b`\n   = in Parser.feed;" in render("full", far)


def test_long_lines_are_cut_around_the_place() -> None:
    line = "x = [" + "0, " * 200 + "index" + ", 1" * 200 + "]"
    column = line.index("index") + 1
    place = replace(FINDING, location=Location(1, column), end_location=Location(1, column + 5), excerpt=Excerpt(1, (line,)))
    place = replace(place, fix=Fix("", (Replacement("target", place.location, place.end_location),)))
    shown = render("full", place)
    assert max(map(len, shown.splitlines())) < 160
    code, marks = shown.splitlines()[2:4]
    assert code[marks.index("^") : marks.rindex("^") + 1] == "index"
    assert "target" in shown


def test_nothing_in_code_or_names_reaches_the_terminal_as_a_command() -> None:
    hostile = replace(
        FINDING,
        filename="a\x1b]0;title\x07.py",
        message="`\x1b[2J`",
        excerpt=Excerpt(12, ("    use(\x1b[31mindex)\t# \x9b1m \u202e",)),
        alternatives=(Alternative("\x1b[0m", 0.1),),
        function="f\rg",
    )
    for name in ("full", "concise"):
        shown = render(name, hostile)
        assert not [character for character in shown if not (character.isprintable() or character == "\n")]


def test_colours_only_when_asked_for() -> None:
    for name in FORMATS:
        assert "\x1b" not in render(name, FINDING, BROKEN)
    assert "\x1b[" in render("full", FINDING, colour=True)
    assert "\x1b[" not in render("json", FINDING, colour=True)


def test_probabilities_are_never_certainties() -> None:
    assert "[>99%]" in render("concise", replace(FINDING, confidence=0.9999))
    assert "[<1%]" in render("concise", replace(FINDING, confidence=0.0001))
