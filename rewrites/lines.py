"""Lines of the text around nodes: where they begin, where a statement's last one ends, what else stands on them."""

from __future__ import annotations

import re

_CONTINUED = r"(?:[ \t\f]|\\(?:\r\n|\r|\n))*+"
_LAYOUT = r"(?:[ \t\f\r\n]|\\(?:\r\n|\r|\n)|\#[^\r\n]*)*+"
_TAIL = re.compile(
    rf"(?:{_LAYOUT},?{_LAYOUT}\))?"  # of `from x import (y, )`, whose node ends before the bracket
    r"[ \t\f,;]*(?:\#[^\r\n]*)?(\r\n|\r|\n|\Z)"
)
_COLON = re.compile(rf"{_CONTINUED}:")
_INDENT = re.compile(r"[ \t\f]*")
_COMMENT_LINES = re.compile(r"(?:[ \t\f]*(?:\r\n|\r|\n))*([ \t\f]*)\#[^\r\n]*(?:\r\n|\r|\n|\Z)")


def line_start(text: str, offset: int) -> int:
    """Where the line of ``offset`` begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def alone(text: str, offset: int) -> bool:
    """Whether only white space stands before ``offset`` on its line."""
    start = line_start(text, offset)
    return _INDENT.fullmatch(text, start, offset) is not None


def behind_statement(text: str, end: int) -> int:
    """Where the line after a statement begins whose last node ends at ``end``; -1 if another statement follows on its line."""
    found = _TAIL.match(text, end)
    return found.end() if found else -1


def behind_colon(text: str, end: int) -> int:
    """The offset behind the colon that follows what ends at ``end``, -1 if none does."""
    found = _COLON.match(text, end)
    return found.end() if found else -1


def behind_comments(text: str, start: int, indent: str) -> int:
    """Where the comments end that stand on the lines from ``start`` on and are indented more than ``indent``."""
    while (found := _COMMENT_LINES.match(text, start)) and len(found[1]) > len(indent) and found[1].startswith(indent):
        start = found.end()
    return start
