"""How two texts differ, token by token, where comments, layout within lines and docstrings do not count."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..tokens import tokens

WIDEST = 3
"""Tokens that an edit may replace, remove or add, unless it only changes their order."""

LONGEST = 60
"""Tokens among which an order may change."""

_INDENT, _DEDENT = "\x02", "\x03"
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}
_TEXTLESS = {tokenize.INDENT: _INDENT, tokenize.DEDENT: _DEDENT, tokenize.NEWLINE: "\n"}
_WORDS = re.compile(r"[^\W\d]\w*(?:\s+[^\W\d]\w*)+")
_JOINING = {*keyword.kwlist, "match", "case", "type", "print", "exec"}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two lists of tokens differ: ``old[start:old_end]`` became ``new[start:new_end]``, all else is the same."""

    start: int
    old_end: int
    new_end: int


def difference(old: list[str], new: list[str]) -> Difference | None:
    """The smallest stretch in which they differ, if that is a small edit or another order of a few tokens; else None."""
    least, start = min(len(old), len(new)), 0
    if abs(len(old) - len(new)) > WIDEST:
        return None
    while start < least and old[start] == new[start]:
        start += 1
    end = 0
    while end < least - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    small = max(len(before), len(after)) <= WIDEST
    if not (before or after) or not (small or _reordered(before, after)):
        return None
    return Difference(start, start + len(before), start + len(after))


def _reordered(before: list[str], after: list[str]) -> bool:
    return len(before) == len(after) <= LONGEST and sorted(before) == sorted(after)


def in_lines(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The tokens that differ between a few lines of two versions; two empty tuples where only layout or comments do.

    None for larger differences and for what reads like prose, as lines from the middle of a docstring do.
    """
    before, after = tokens(old), tokens(new)
    if before == after:
        return (), ()
    found = difference(before, after)
    if found is None or _prose(old):
        return None
    return tuple(before[found.start : found.old_end]), tuple(after[found.start : found.new_end])


def _prose(text: str) -> bool:
    """Whether words follow each other outside of strings as they never do in code."""
    bare = re.sub(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'", '""', text)
    for run in _WORDS.findall(bare):
        for line in run.split("\n"):
            words = line.split()
            if any(not ({first, second} & _JOINING) for first, second in pairwise(words)):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a function that count, and where each stands in its text."""

    texts: list[str]
    starts: list[int]
    ends: list[int]


@lru_cache(maxsize=8)  # the steps of matching ask for the same few functions
def lex(text: str) -> Lexed | None:
    """The tokens of whole lines of Python, indentation among them; None if they cannot be told apart."""
    lines = list(io.StringIO(text, newline=""))
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line))
    found = Lexed([], [], [])
    try:
        pieces = tokenize.generate_tokens(iter([*lines, ""]).__next__)
        for kind, string, (row, column), (end_row, end_column), _ in pieces:
            if kind in _SILENT:
                continue
            if kind == tokenize.NEWLINE and _drop_docstring(found):
                continue
            found.texts.append(_TEXTLESS.get(kind, string))
            found.starts.append(begins[min(row, len(begins)) - 1] + column)
            found.ends.append(begins[min(end_row, len(begins)) - 1] + end_column)
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return found


def _drop_docstring(found: Lexed) -> bool:
    """Take back a string that is all there is on its line; returns whether there was one."""
    last = found.texts[-1] if found.texts else ""
    before = found.texts[-2] if len(found.texts) > 1 else "\n"
    if not last.endswith(('"', "'")) or before not in ("\n", _INDENT, _DEDENT):
        return False
    for column in (found.texts, found.starts, found.ends):
        column.pop()
    return True


def kind(old: Lexed, new: Lexed, found: Difference) -> str:
    """What became what, with identifiers and literals replaced by what they are: ``name -> name``, ``< -> <=``, ``+ not``."""
    before = [_sort(old, i) for i in range(found.start, found.old_end)]
    after = [_sort(new, i) for i in range(found.start, found.new_end)]
    if sorted(old.texts[found.start : found.old_end]) == sorted(new.texts[found.start : found.new_end]):
        return f"order of {len(before)} tokens" if len(before) < 4 else "order of more tokens"
    if not after:
        return f"- {' '.join(before)}"
    if not before:
        return f"+ {' '.join(after)}"
    return f"{' '.join(before)} -> {' '.join(after)}"


def _sort(lexed: Lexed, at: int) -> str:
    text = lexed.texts[at]
    before = lexed.texts[at - 1] if at else "\n"
    after = lexed.texts[at + 1] if at + 1 < len(lexed.texts) else "\n"
    if text[-1:] in ('"', "'"):
        return "text" if "f" not in text[:2].lower() else "f-text"
    if text[:1].isdigit() or (text[:1] == "." and text[1:2].isdigit()):
        return "number"
    if keyword.iskeyword(text) or not text.isidentifier():
        return {"\n": "line", _INDENT: "indent", _DEDENT: "dedent"}.get(text, text)
    if before == ".":
        return "method" if after == "(" else "attribute"
    if after == "=" and before in ("(", ","):
        return "keyword"
    if hasattr(builtins, text):
        return "builtin"
    if text in ("self", "cls"):
        return text
    return "callee" if after == "(" else "name"
