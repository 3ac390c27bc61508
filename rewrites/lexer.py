"""Where each leaf of a LibCST tree stands in the text.

LibCST keeps every byte but no positions, and its position provider costs more than the parse.  Leaves come in source order,
so a cursor that only ever moves forward finds each one: it skips trivia and the punctuation nobody asked for until the token
asked for.
"""

from __future__ import annotations

import re

_BLANK = r"[ \t\f\r\n]*+"
_COMMENT = r"\\\r?\n|\\\r|\#[^\r\n]*"
_TRIVIA = rf"{_BLANK}(?:(?:{_COMMENT}){_BLANK})*+"
_LOOSE = r"[ \t\f\r\n,;]*+"
_BETWEEN = rf"{_LOOSE}(?:(?:{_COMMENT}|:(?!=)|\.(?![.\d])){_LOOSE})*+"  # trivia and separators, for which nobody asks
_NUMBER = r"0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?"
_NAME = r"[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*+"  # outside of strings, what is not ASCII belongs to a name
_OPERATOR = r"\*\*=|//=|>>=|<<=|\.\.\.|!=|->|:=|==|<=|>=|<>|\+=|-=|\*=|/=|%=|&=|\|=|\^=|@=|\*\*|//|>>|<<"
_TOKEN = re.compile(rf"{_BETWEEN}({_NAME}|{_NUMBER}|{_OPERATOR}|[^ \t\f\r\n])")
_SKIP = re.compile(_TRIVIA)
_SKIP_TO_TOKEN = re.compile(_BETWEEN)


class Misaligned(Exception):
    """A leaf of the tree was not found in the text: this lexer and LibCST disagree about the file."""


class Cursor:
    """A position in ``text`` that moves from token to token."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 1 if text.startswith("\ufeff") else 0

    def expect(self, token: str) -> int:
        """Move behind the next occurrence of ``token`` as a whole token; return where it starts."""
        text, pos, match = self.text, self.pos, _TOKEN.match
        while found := match(text, pos):
            start, pos = found.span(1)
            if found[1] == token:
                self.pos = pos
                return start
        raise Misaligned(token)

    def string(self, literal: str) -> int:
        """Move behind the next occurrence of a string literal or of an f-string's opening; return where it starts."""
        text, pos = self.text, self.pos
        while True:
            pos = _SKIP_TO_TOKEN.match(text, pos).end()  # type: ignore[union-attr]  # matches the empty string
            if text.startswith(literal, pos):
                self.pos = pos + len(literal)
                return pos
            if not (found := _TOKEN.match(text, pos)):
                raise Misaligned(literal)
            pos = found.end()

    def verbatim(self, piece: str) -> int:
        """Move behind ``piece``, which stands exactly here (the text of an f-string is no token)."""
        start = self.pos
        if not self.text.startswith(piece, start):
            raise Misaligned(piece)
        self.pos = start + len(piece)
        return start

    def symbol(self, character: str) -> int:
        """Move behind one character that comes next but for trivia and a comma (``:`` of ``{x:=3}`` is no token either)."""
        start = _SKIP.match(self.text, self.pos).end()  # type: ignore[union-attr]
        if self.text.startswith(",", start):  # {x,} is a tuple
            start = _SKIP.match(self.text, start + 1).end()  # type: ignore[union-attr]
        if not self.text.startswith(character, start):
            raise Misaligned(character)
        self.pos = start + 1
        return start
