"""Tokens: which differences are small, and what they are called."""

from __future__ import annotations

import pytest

from buglab.data.mining.difference import difference, in_lines, kind, lex

BEFORE = "def f(a, b):\n    return a\n"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("x = a < b\n", "x = a <= b\n", "< -> <="),
        ("x = a + b\n", "x = c + b\n", "name -> name"),
        ("x = self.a\n", "x = self.b\n", "attribute -> attribute"),
        ("x = y.a()\n", "x = y.b()\n", "method -> method"),
        ("if a:\n    b()\n", "if not a:\n    b()\n", "+ not"),
        ("f(a, b)\n", "f(b, a)\n", "order of 3 tokens"),
        ("f(a, b=1)\n", "f(a, c=1)\n", "keyword -> keyword"),
        ("x = 'a'\n", "x = 'b'\n", "text -> text"),
        ("x = 1\n", "x = 2.5\n", "number -> number"),
        ("x = len(a)\n", "x = g(a)\n", "builtin -> callee"),
        ("x = a is not b\n", "x = a != b\n", "is not -> !="),
    ],
)
def test_kinds(old: str, new: str, name: str) -> None:
    before, after = lex(old), lex(new)
    assert before is not None
    assert after is not None
    found = difference(before.texts, after.texts)
    assert found is not None
    assert kind(before, after, found) == name


def test_comments_blank_lines_docstrings_and_line_breaks_do_not_count() -> None:
    first = lex('def f(a, b):\n    """One."""\n    return (a +\n            b)  # sum\n')
    second = lex("def f(a, b):\n\n    return (a + b)\n")
    assert first is not None
    assert second is not None
    assert first.texts == second.texts


def test_indentation_and_other_strings_count() -> None:
    for changed in ('def f():\n    """One."""\n    x = """two"""\n', 'def f():\n    """One."""\n    x = """one"""\n    y\n'):
        first, second = lex('def f():\n    """One."""\n    x = """one"""\n'), lex(changed)
        assert first is not None
        assert second is not None
        assert first.texts != second.texts


def test_tokens_know_where_they_stand() -> None:
    found = lex("if a:\r\n    böse = 1\r\n")
    assert found is not None
    assert [(found.texts[i], found.starts[i], found.ends[i]) for i in (1, 5)] == [("a", 3, 4), ("böse", 11, 15)]


def test_what_cannot_be_told_apart_is_nothing() -> None:
    assert lex("x = '''\n") is None
    assert lex("f(\n") is None


def test_larger_differences_are_none() -> None:
    assert difference("a b c d e".split(), "a v w x y".split()) is None
    assert difference("a b".split(), "a b".split()) is None


def test_lines_of_prose_are_no_edits_and_comments_are_silent() -> None:
    assert in_lines("x = a  # one", "x = a  # two") == ((), ())
    assert in_lines("    The value that is retrned.", "    The value that is returned.") is None
    assert in_lines("    return not a in b", "    return not c in b") == (("a",), ("c",))
