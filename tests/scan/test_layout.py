"""The lexer agrees with the interpreter's own about real files, and knows strings from comments."""

from __future__ import annotations

import sys
import sysconfig
import tokenize
from io import StringIO
from pathlib import Path

import pytest

from buglab.scan.layout import Layout, tokens

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = [
    "argparse.py",
    "ast.py",
    "dataclasses.py",
    "difflib.py",
    "inspect.py",
    "json/scanner.py",
    "re/_parser.py",
    "typing.py",
]


@pytest.mark.parametrize("name", MODULES)
def test_comments_and_logical_lines_are_those_of_tokenize(name: str) -> None:
    text = (STDLIB / name).read_text(encoding="utf-8")
    starts = [0]
    for line in StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    expected = list(tokenize.generate_tokens(StringIO(text, newline="").readline))
    layout = Layout.of(text)
    comments = [starts[token.start[0] - 1] + token.start[1] for token in expected if token.type == tokenize.COMMENT]
    assert [comment.start for comment in layout.comments] == comments
    assert len(layout.statements) == sum(token.type == tokenize.NEWLINE for token in expected)


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="tokenize splits f-strings from 3.12 on: other tokens, the same comments"
)
@pytest.mark.parametrize("name", MODULES)
def test_tokens_are_those_of_tokenize(name: str) -> None:
    text = (STDLIB / name).read_text(encoding="utf-8")
    kinds = (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP)
    expected = [token.string for token in tokenize.generate_tokens(StringIO(text, newline="").readline) if token.type in kinds]
    found = [text[token.start : token.end] for token in tokens(text) if token.kind not in ("comment", "newline")]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('f"{x["a"]:>{w}} # no" # yes', ['f"{x["a"]:>{w}} # no"', "# yes"]),
        ("rf'\\{x}{{' # yes", ["rf'\\{x}{{'", "# yes"]),
        ("f'\\N{DASH}{y!r}'#yes", ["f'\\N{DASH}{y!r}'", "#yes"]),
        ("f'''{a\n# inside\n}''' # yes", ["f'''{a\n# inside\n}'''", "# yes"]),
        ('f"{ {1: 2}[1] }{x:%H:%M}"', ['f"{ {1: 2}[1] }{x:%H:%M}"']),
        ("t\"{a}{'#'}\" # yes", ["t\"{a}{'#'}\"", "# yes"]),
        ("b'\\'#' # yes", ["b'\\'#'", "# yes"]),
        ("x = '''a\n'b' # no\n''' # yes", ["x", "=", "'''a\n'b' # no\n'''", "# yes"]),
        ("1e-5+0x1F-1_0.j", ["1e-5", "+", "0x1F", "-", "1_0.j"]),
    ],
)
def test_strings_are_whole(text: str, expected: list[str]) -> None:
    assert [text[token.start : token.end] for token in tokens(text)] == expected


def test_logical_lines_span_brackets_and_continuations() -> None:
    text = "x = (1,\n  2)\nif a and \\\n   b: pass\n\n# alone\ny = 3  # behind\n"
    layout = Layout.of(text)
    assert [text[line.start : line.end] for line in layout.statements] == ["x = (1,\n  2)", "if a and \\\n   b: pass", "y = 3"]
    assert [comment.own_line for comment in layout.comments] == [True, False]
    assert layout.statement_at(text.index("2)")) == layout.statements[0]
    assert layout.statement_at(text.index("# alone")) == layout.statements[2]
    assert layout.statement_at(len(text)) is None
