"""Reading files: encodings, places, and what cannot be read."""

from __future__ import annotations

import gc

import libcst as cst
import pytest

from buglab.rewrites.source import MAX_CHAIN, MAX_DEPTH, Source, Unreadable, decode, on_deep_stack


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = '\xe9'\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
    ],
)
def test_bytes_become_text_by_mark_or_cookie(data: bytes, text: str) -> None:
    assert decode(data) == text
    assert Source.parse(decode(data)).units[0].name == "<module>"


@pytest.mark.parametrize(
    ("data", "reason", "row"),
    [
        (b"x = 1\ny = '\xff'\n", "byte 0xff is not valid utf-8", 2),
        (b"# coding: klingon\n", "unknown encoding", 1),
        (b"x = 1\n\0\n", "null byte", 2),
    ],
)
def test_undecodable_bytes_are_explained(data: bytes, reason: str, row: int) -> None:
    with pytest.raises(Unreadable, match=reason) as caught:
        decode(data)
    assert caught.value.row == row


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(:\n    pass\n", "syntax error"),
        ("print 'hello'\n", "syntax error"),
        ("if x:\npass\n", "syntax error"),
        ("x = " + "(" * 1000 + "1" + ")" * 1000, f"nested more than {MAX_DEPTH} deep"),
        ("x = " + "+".join("a" * 50_000), f"chains more than {MAX_CHAIN:,} operators"),
        ("x = a" + ".b" * 50_000, "chains more than"),
        ("x = " + "not " * 50_000 + "a", "chains more than"),
        ("".join(" " * i + "if a:\n" for i in range(500)) + " " * 500 + "pass\n", "indentation"),
        ("if a:\n    pass\n" + "elif a:\n    pass\n" * 60_000, "nested too deeply"),
        ("x = '\udcff'\n", "surrogates"),
        ("x = 1\0\n", "null byte"),
    ],
    ids=range(11),
)
def test_unreadable_texts_are_refused_with_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        on_deep_stack(lambda: Source.parse(text))


def test_long_texts_in_strings_are_no_chains() -> None:
    words = "and so on. " * 5_000
    assert len(Source.parse(f'"""{words}"""\nx = 1\n').units) == 1


def test_large_tables_are_no_chains() -> None:
    table = "[" + ", ".join(f"[{i}, -{i}, ({i} + 1)]" for i in range(5_000)) + "]"
    assert len(Source.parse(f"x: dict[int, str] = {{(1, 2): f({table})}}\n").units) == 1


def test_a_syntax_errors_row_is_that_of_the_text() -> None:
    with pytest.raises(Unreadable) as caught:
        Source.parse("x = 1\ny = = 2\n")
    assert caught.value.row == 2


def test_positions_count_characters_from_one() -> None:
    source = Source.parse("é = 1\r\nbb = 'ü'; c = é\n")
    assert source.position(source.text.rindex("é")) == (2, 15)
    assert source.position(0) == (1, 1)


@pytest.mark.parametrize("text", ["", "\n", "\f", "# only a comment", "x"])
def test_almost_nothing_is_a_module(text: str) -> None:
    assert [unit.name for unit in Source.parse(text).units] == ["<module>"]


def test_what_a_deep_thread_raises_is_raised_here() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        on_deep_stack(fail)
    assert on_deep_stack(lambda: 3) == 3


def test_a_file_is_freed_at_once() -> None:
    """No cycle keeps its tree until the collector comes by, which it does seldom."""

    def trees() -> int:
        return sum(type(thing) is cst.Module for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = trees()
        source = Source.parse("def f(a, b):\n    return a.x - min(b, 1), [c for c in a if c]\n")
        assert trees() == before + 1
        del source
        assert trees() == before
    finally:
        gc.enable()
