"""Places as editors count them, and comments put where they silence."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
from lsprotocol import types

from buglab.scan.buffers import saved
from buglab.scan.content import text_of
from buglab.scan.editing import Scanned
from buglab.scan.finding import Location
from buglab.scan.suppress import silencing, suppressions

from .test_report import FINDING

TEXT = "a = 1\x0c\r\n\t😀 = ä\rb = 2\n"


@pytest.mark.parametrize(("encoding", "column"), [("utf-16", 6), ("utf-8", 8), ("utf-32", 5)])
def test_columns_count_units_of_the_encoding(encoding: str, column: int) -> None:
    finding = replace(FINDING, location=Location(2, 6), end_location=Location(3, 2))
    (diagnostic,) = Scanned("file:///a.py", 1, TEXT, (finding,), encoding).diagnostics()
    assert diagnostic.range == types.Range(types.Position(1, column), types.Position(2, 1))


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("x = a\n", "a", "x = a  # buglab: ignore[BL101]"),
        ("x = a", "a", "x = a  # buglab: ignore[BL101]"),
        ("x = a  # why\r\n", "a", "x = a  # why  # buglab: ignore[BL101]"),
        ("f(\n    a,\n    b,\n)\n", "a", "    a,  # buglab: ignore[BL101]"),
        ("if 1:\n\tx = a + \\\n\t\tb\n", "a", "\t# buglab: ignore[BL101]"),
        ('if 1:\n    x = a + """\n    """\n', "a", "    # buglab: ignore[BL101]"),
        ('x = f"""\n{a}\n"""\r\n', "a", "# buglab: ignore[BL101]"),
    ],
)
def test_a_comment_silences_and_leaves_the_code_alone(text: str, place: str, line: str) -> None:
    offset = text.index(place)
    found = silencing(text, offset, "BL101", "variable-misuse")
    assert found is not None
    at, inserted = found
    changed = text[:at] + inserted + text[at:]
    assert line in changed.splitlines()
    assert ast.dump(ast.parse(changed)) == ast.dump(ast.parse(text))
    assert suppressions(changed).silence(offset + (len(inserted) if at <= offset else 0), "BL101", "variable-misuse")


@pytest.mark.parametrize("text", ["x = 'ä'\n", "# coding: latin-1\nx = 'ä'\n", "# coding: cp1252\r\nx = '€'\r\n"])
def test_a_buffer_is_scanned_as_it_would_be_saved(text: str) -> None:
    assert text_of(saved(text)) == text


@pytest.mark.parametrize("text", ["# coding: no-such\n", "# coding: ascii\nx = 'ä'\n", "x = '\udc80'\n"])
def test_what_cannot_be_saved_does_not_fail_before_it_is_scanned(text: str) -> None:
    with pytest.raises((SyntaxError, LookupError, UnicodeError)):
        text_of(saved(text))
