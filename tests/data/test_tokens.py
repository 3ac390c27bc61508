from __future__ import annotations

from buglab.data.tokens import fingerprint, shingles, tokens

WRITTEN = '''def f(a, b):
    """Says what it does."""
    return a + b  # sum
'''
REFORMATTED = "def f(a,b): return (\n  a+b\n)"


def test_layout_comments_and_docstrings_do_not_count() -> None:
    assert tokens(WRITTEN) == ["def", "f", "(", "a", ",", "b", ")", ":", "return", "a", "+", "b"]
    assert tokens("x = '#no comment' # comment") == ["x", "=", "'#no comment'"]


def test_names_and_literals_count() -> None:
    assert fingerprint(tokens(WRITTEN)) == fingerprint(tokens(WRITTEN.replace("# sum", "")))
    assert fingerprint(tokens(WRITTEN)) != fingerprint(tokens(WRITTEN.replace("a + b", "a - b")))
    assert fingerprint(tokens(WRITTEN)) != fingerprint(tokens(REFORMATTED))


def test_fingerprints_never_change() -> None:
    """They are compared with lists made by earlier versions."""
    assert fingerprint(["def", "f"]) == 241713632840262
    assert sorted(shingles(list("abcdef")).tolist()) == [1244911149, 3216532653]


def test_shingles_of_short_code() -> None:
    assert len(shingles(["a"])) == 1
    assert len(shingles(list("abcdefgh"))) == 4
