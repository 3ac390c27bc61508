"""One file of Python text, parsed once: its units with their skeletons, symbols and sites."""

from __future__ import annotations

import bisect
import gc
import io
import re
import sys
import threading
import tokenize
from collections.abc import Callable
from typing import TypeVar

import libcst as cst

from .freed import give_back
from .lexer import Misaligned
from .members import share_members
from .registry import sites_of
from .resolve import resolve
from .unit import Unit
from .walking import Walker

MAX_CHARACTERS = 4_000_000
"""Larger texts are refused: LibCST takes some 400 bytes for each character."""

TOO_DEEP = "the code is nested too deeply to be read"

MAX_DEPTH = 200
"""Open brackets at one point, or indentation levels; CPython's own limit is 200 and 100."""

MAX_CHAIN = 1_500
"""Operators, attributes or calls in one chain: LibCST's time grows with the square of it, and its stack with the length."""

_LONG = 2 * MAX_CHAIN
"""Characters below which a chain need not be looked at."""

_STACK = 512 * 2**20
_SELDOM = (500_000, 50, 1_000)
_TEXT = (
    r"#[^\n]*|'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""  # comments, strings
)
_SCAN = re.compile(rf"(?:[^\[\](){{}},;\n#'\"]++|{_TEXT}|['\"])*+([\[\](){{}},;\n]|\Z)", re.S)
"""From one bracket or separator to the next one, or to the end, which counts as a separator."""
_SILENT = re.compile(_TEXT, re.S)
_LINK = re.compile(r"[-+*/%@&|^~<>.(\[]|\b(?:and|or|not|if|in|is|lambda|await|elif)\b")
T = TypeVar("T")


class Unreadable(Exception):
    """A text that is no Python module we can look at.  ``message`` is one sentence; row and column are 1-based."""

    def __init__(self, message: str, row: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.row, self.column = message, row, column


def decode(data: bytes) -> str:
    """The text of a file's bytes, by its byte order mark or coding cookie (PEP 263).  Line ends stay as they are."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, LookupError) as error:
        raise Unreadable(f"the encoding is unknown or wrong: {error}") from None
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"byte {data[error.start]:#04x} is not valid {error.encoding}", row) from None
    except UnicodeError as error:  # codecs of other kinds, as `idna`
        raise Unreadable(f"the encoding is unknown or wrong: {error}") from None
    if (at := text.find("\0")) >= 0:
        raise Unreadable("the file contains a null byte, so it is not Python text", text.count("\n", 0, at) + 1)
    return text


def on_deep_stack(function: Callable[[], T]) -> T:
    """Run ``function`` in a thread whose stack bears deeply nested code, and return what it returns or raise what it raises.

    Meanwhile garbage is collected seldom: trees are many small objects that live and go together, and looking through them as
    often as by default costs a quarter of the time.
    """
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 100_000))
        try:
            outcome.append(function())
        except BaseException as error:
            failure.append(error)
        finally:
            sys.setrecursionlimit(limit)

    saved, often = threading.stack_size(_STACK), gc.get_threshold()
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(saved)
    gc.set_threshold(*_SELDOM)
    try:
        thread.join()
    finally:
        gc.set_threshold(*often)
    if failure:
        raise failure[0]
    return outcome[0]


class Source:
    """A parsed file."""

    def __init__(self, text: str, units: list[Unit]) -> None:
        self.text = text
        self.units = units
        self._lines: list[int] | None = None

    @classmethod
    def parse(cls, text: str) -> Source:
        """Parse ``text``; raises Unreadable with a place and a sentence when that cannot be done."""
        _refuse_monsters(text)
        try:
            tree = cst.parse_module(text)  # not its bytes: LibCST would obey a coding cookie
        except cst.ParserSyntaxError as error:
            raise Unreadable(f"syntax error: {_reason(error)}", error.raw_line) from None
        except RecursionError:
            raise Unreadable(TOO_DEEP) from None
        except UnicodeEncodeError:
            raise Unreadable("the text contains lone surrogates") from None
        except Exception as error:  # LibCST raises plain exceptions for a few malformed inputs
            raise Unreadable(f"LibCST cannot parse this file ({type(error).__name__}: {error})") from None
        give_back(text)
        walker = Walker(text)
        try:
            units = walker.module(tree)
        except Misaligned as error:
            row = _row(text, walker.cursor.pos)
            raise Unreadable(f"the text and its tree do not line up near this line (looking for {error})", row) from None
        except RecursionError:
            raise Unreadable(TOO_DEEP, _row(text, walker.cursor.pos)) from None
        resolve(units, walker.outer)
        share_members(units, walker.outer)
        for unit in units:
            unit.sites = sites_of(unit)
        return cls(text, units)

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a character offset, both 1-based."""
        if self._lines is None:
            self._lines = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", self.text))]
        row = bisect.bisect_right(self._lines, offset)
        return row, offset - self._lines[row - 1] + 1


def _reason(error: cst.ParserSyntaxError) -> str:
    """What LibCST says, without the place (which is that of a later token) and without a long list of what it expected."""
    sentence = error.message.splitlines()[0].removeprefix("parser error: ")
    sentence = re.sub(r"^error at \d+:\d+: ", "", sentence).rstrip(".")
    return sentence if len(sentence) <= 60 else "this is no statement that Python knows"


def _refuse_monsters(text: str) -> None:
    """Refuse what would overflow the parser's native stack, which no exception could report."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"the file has {len(text):,} characters, more than the {MAX_CHARACTERS:,} that are read")
    if "\0" in text:
        raise Unreadable("the file contains a null byte, so it is not Python text", _row(text, text.index("\0")))
    chain = _Chain(0)
    around: list[_Chain] = []
    """the chains that go on behind the brackets that are open"""
    for found in _SCAN.finditer(text):
        character, here = found[1], found.start(1)
        if character in ",;\n":
            if character != "\n" or not around:
                if here - chain.start > _LONG:
                    chain.refuse_if_many(text, here)
                chain.start = here + 1
                chain.inside.clear()
        elif character in "([{":
            around.append(chain)
            chain = _Chain(here + 1)
            if len(around) >= MAX_DEPTH:
                raise Unreadable(f"brackets are nested more than {MAX_DEPTH} deep", _row(text, here))
        elif around:
            if here - chain.start > _LONG:
                chain.refuse_if_many(text, here)
            opened, chain = chain.opened, around.pop()
            chain.inside.append((opened, here))


class _Chain:
    """Text at one bracket depth without a separator; what stands in brackets inside of it does not count."""

    __slots__ = ("inside", "opened", "start")

    def __init__(self, start: int) -> None:
        self.opened = self.start = start
        self.inside: list[tuple[int, int]] = []

    def refuse_if_many(self, text: str, end: int) -> None:
        """Raise Unreadable if up to ``end`` there are more than MAX_CHAIN operators."""
        at, parts = self.start, []
        for opening, closing in self.inside:
            parts.append(text[at:opening])
            at = closing
        own = _SILENT.sub("", "".join(parts) + text[at:end])
        if len(own) > _LONG and len(_LINK.findall(own)) > MAX_CHAIN:
            raise Unreadable(f"an expression chains more than {MAX_CHAIN:,} operators", _row(text, self.start))


def _row(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
