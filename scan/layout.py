"""Tokens, logical lines and comments of a text that is known to be valid Python.

The standard library's ``tokenize`` splits f-strings from Python 3.12 on and rejects syntax newer than the interpreter, so the
same file would get other fingerprints under another Python.  This lexer knows just enough to never mistake a string for a
comment, and gives the same tokens everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Token(NamedTuple):
    """``text[start:end]``; ``kind`` is name, number, string, operator, comment or newline."""

    kind: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\f\ufeff]+|\\(?:\r\n|\r|\n))
    | (?P<newline>\r\n|\r|\n)
    | (?P<comment>\#[^\r\n]*)
    | (?P<string>(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"{3}|'{3}|"|'))
    | (?P<number>(?:\d\w*\.?|\.\d)\w*(?:(?<=[eE])[-+]\d\w*)?)
    | (?P<name>[^\W\d]\w*)
    | (?P<operator>\*\*=|//=|>>=|<<=|\.\.\.|->|:=|[-+*/%&|^=<>@!]=|\*\*|//|<<|>>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING_END = {
    '"': re.compile(r'(?:[^\\"\r\n]|\\.)*+(?:"|(?=[\r\n])|\Z)', re.DOTALL),
    "'": re.compile(r"(?:[^\\'\r\n]|\\.)*+(?:'|(?=[\r\n])|\Z)", re.DOTALL),
    '"""': re.compile(r'(?:[^\\"]|\\.|"(?!""))*+(?:"""|\Z)', re.DOTALL),
    "'''": re.compile(r"(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)", re.DOTALL),
}
_LITERAL = re.compile(r"[^\\{}\"'\r\n]+")


def tokens(text: str) -> Iterator[Token]:
    """All tokens of ``text`` in order, without white space and line continuations."""
    position = 0
    while position < len(text):
        token, position = _next(text, position)
        if token is not None:
            yield token


def _next(text: str, position: int) -> tuple[Token | None, int]:
    match = _TOKEN.match(text, position)
    if match is None:  # cannot happen: the last alternative takes any character
        return None, position + 1
    kind, end = match.lastgroup or "operator", match.end()
    if kind in ("prefix", "quote", "string"):
        kind = "string"
        end = _string_end(text, end, match["prefix"].lower(), match["quote"])
    return (None if kind == "space" else Token(kind, position, end)), end


def _string_end(text: str, position: int, prefix: str, quote: str) -> int:
    if "f" in prefix or "t" in prefix:
        return _interpolated_end(text, position, "r" in prefix, quote)
    match = _STRING_END[quote].match(text, position)
    return match.end() if match else len(text)


def _interpolated_end(text: str, position: int, raw: bool, quote: str) -> int:
    """The end of an f-string whose body starts at ``position``; its expressions may hold the same quotes (PEP 701)."""
    while position < len(text):
        if text.startswith(quote, position):
            return position + len(quote)
        here = text[position]
        if here == "\\":
            named = not raw and text.startswith("N{", position + 1)
            close = text.find("}", position) if named else -1
            position = close + 1 if close > 0 else position + (1 if text[position + 1 : position + 2] in "{}" else 2)
        elif here == "{":
            position = position + 2 if text.startswith("{{", position) else _field_end(text, position + 1, quote)
        elif here in "\r\n" and len(quote) == 1:
            return position
        else:
            match = _LITERAL.match(text, position)
            position = match.end() if match else position + 1
    return position


def _field_end(text: str, position: int, quote: str) -> int:
    """The end of a replacement field, after its closing brace."""
    depth = 0
    while position < len(text):
        token, end = _next(text, position)
        word = text[position:end]
        if token is not None and token.kind == "operator":
            if word in ("(", "[", "{"):
                depth += 1
            elif word == "}" and depth == 0:
                return end
            elif word in (")", "]", "}"):
                depth -= 1
            elif word[0] == ":" and depth == 0:
                return _format_end(text, position + 1, quote)
        position = end
    return position


def _format_end(text: str, position: int, quote: str) -> int:
    """The end of a format specification, after the brace that closes its field."""
    while position < len(text):
        here = text[position]
        if here == "}":
            return position + 1
        if text.startswith(quote, position) or (here in "\r\n" and len(quote) == 1):
            return position
        position = _field_end(text, position + 1, quote) if here == "{" else position + 1
    return position


@dataclass(frozen=True, slots=True)
class Statement:
    """One logical line: for a compound statement its header."""

    start: int
    end: int
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """``own_line`` if nothing but white space stands before it."""

    start: int
    end: int
    own_line: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The logical lines and comments of a text, both in order."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]

    @classmethod
    def of(cls, text: str) -> Layout:
        statements: list[Statement] = []
        comments: list[Comment] = []
        line: list[Token] = []
        depth, fresh = 0, True
        for token in tokens(text):
            if token.kind == "comment":
                comments.append(Comment(token.start, token.end, fresh))
            elif token.kind == "newline":
                fresh = True
                if depth == 0 and line:
                    statements.append(Statement(line[0].start, line[-1].end, tuple(line)))
                    line = []
            else:
                fresh = False
                line.append(token)
                if token.kind == "operator":
                    mark = text[token.start]
                    depth = depth + 1 if mark in "([{" else max(depth - 1, 0) if mark in ")]}" else depth
        if line:
            statements.append(Statement(line[0].start, line[-1].end, tuple(line)))
        return cls(tuple(statements), tuple(comments))

    def statement_at(self, offset: int) -> Statement | None:
        """The logical line that contains or ends at ``offset``; the first one after it if none does."""
        index = bisect_left(self.statements, offset, key=lambda statement: statement.end)
        return self.statements[index] if index < len(self.statements) else None
