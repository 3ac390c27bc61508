"""A local variable under another name."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import libcst as cst

from ..earlier import NAMED
from ..lexer import Cursor
from ..source import Source
from ..transformation import Place, Replacement, Transformation, Way
from ..unit import FROZEN, Unit

MANY = 16
"""Names at most that one variable may get."""

COMMON = (
    "i name value line result key f x s msg data args n text c p d filename path m v k t item y file root lines obj "
    "code res arg context pos func prefix base module encoding node val start token parser size j buf frame info cmd "
    "e elem end index parts names other resp source entry w count label tag first items ans child last offset state "
    "tail options mode part version top length q suffix action headers opts char rest target seq results handle "
    "pattern addr status level g group extra kind found"
).split()
"""What local variables are called most often in the standard library."""

_WORD = re.compile(r"\w+")
_SHOWS_NAMES = re.compile(r"\b(?:locals|vars|dir|eval|exec|compile|breakpoint)\b")
_READS_FRAMES = re.compile(r"\b(?:_getframe|currentframe|f_locals|f_back|co_varnames|inspect\.(?:stack|trace))\b")


class RenamedVariable(Transformation):
    """Give a local variable another name, at all places where it is read or bound.

    The ways are names of other local variables of the file and common ones, none of which the function knows; the variables
    of one function never share any.
    """

    name = "renamed-variable"
    summary = "A local variable gets another name."
    why = (
        "Only the function itself sees its local variables.  Parameters are none, those of a `lambda` neither, for they "
        "may be passed by name; variables that a nested function or class uses, imports, definitions, and what is "
        "declared `global` or `nonlocal` are left alone.  The new name occurs nowhere in the function, neither in what is "
        "nested in it nor in its strings.  Functions that mention `locals`, `vars`, `dir`, `eval`, `exec`, `compile` or "
        "`breakpoint` are left alone, and so are files that read frames of the stack, names of the form `__x`, and "
        "variables shown by `f'{x=}'`."
    )
    examples = (
        (
            "def area(shape):\n    width = shape.width\n    return width * shape.height\n",
            "def area(shape):\n    result = shape.width\n    return result * shape.height\n",
        ),
        ("def f(xs):\n    return [y for y in xs if y]\n", "def f(xs):\n    return [value for value in xs if value]\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        if _READS_FRAMES.search(source.text):
            return
        pool = _pool(source)
        for unit in source.units:
            text = source.text[unit.start : unit.end]
            if unit.kind != "function" or _SHOWS_NAMES.search(text):
                continue
            words = set(_WORD.findall(text))
            if not text.isascii():
                words |= {unicodedata.normalize("NFKC", word) for word in words}
            variables = _variables(unit)
            fresh = [name for name in pool if name not in words]
            for number, tokens in enumerate(variables):
                if names := fresh[number :: len(variables)][:MANY]:
                    yield Place(self, _Namings(tokens, names))


class _Namings(Sequence[Way]):
    """The same tokens under different names."""

    def __init__(self, tokens: list[tuple[int, int]], names: list[str]) -> None:
        self.tokens, self.names = tokens, names

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Way:  # type: ignore[override]  # no slices
        return tuple(Replacement(start, end, (self.names[index],)) for start, end in self.tokens)


def _pool(source: Source) -> list[str]:
    """Names of local variables that stand for nothing else anywhere in the file, then common ones."""
    local: dict[str, None] = {}
    taken: set[str] = set()
    for unit in source.units:
        for symbol in unit.symbols:
            if symbol.kind in NAMED or (symbol.kind == "variable" and unit.kind != "function"):
                taken.add(symbol.name)
            elif symbol.kind == "variable" and _ordinary(symbol.name):
                local[symbol.name] = None
    return [name for name in dict.fromkeys([*local, *COMMON]) if name not in taken]


def _ordinary(name: str) -> bool:
    return name.isascii() and not name.startswith("_") and name not in ("match", "case", "type")


def _variables(unit: Unit) -> list[list[tuple[int, int]]]:
    """Where each variable stands that only this function can see, in order of its symbol."""
    found: dict[int, list[int]] = {}
    for token, index in unit.symbol_of.items():
        found.setdefault(index, []).append(token)
    hidden = set().union(*unit.captures.values()) | _shown_by_name(unit)
    return [
        [_token(unit, token) for token in found[index]]
        for index, symbol in enumerate(unit.symbols)
        if index in found
        and index not in hidden
        and symbol.kind == "variable"
        and symbol.scope is not None
        and (symbol.scope is unit.scope or symbol.scope.kind == "comprehension")
        and not symbol.name.startswith("__")
        and symbol.name.strip("_")
        and all(_is_plain(unit, token) for token in found[index])
        and _spelled_once(unit, symbol.name)
    ]


def _shown_by_name(unit: Unit) -> set[int]:
    """Symbols in an f-string that shows the code of an expression: ``f"{x=}"``."""
    found: set[int] = set()
    for node, tree in enumerate(unit.tree):
        parts = tree.parts if isinstance(tree, cst.FormattedString | cst.TemplatedString) else ()
        if any(getattr(part, "equal", None) for part in parts):
            found |= {unit.symbol_of[token] for token in range(node, unit.last(node) + 1) if token in unit.symbol_of}
    return found


def _is_plain(unit: Unit, token: int) -> bool:
    """Whether a token stands where Python itself reads the name and nothing else does."""
    return unit.names[token].use != FROZEN and unit.label[unit.parent[token]] not in ("TypeAlias", "Declaration")


def _spelled_once(unit: Unit, name: str) -> bool:
    """Whether no other spelling means the same identifier, as ``ﬁ`` means ``fi``."""
    text = unit.file[unit.start : unit.end]
    return text.isascii() or not any(
        word != name and unicodedata.normalize("NFKC", word) == name for word in _WORD.findall(text)
    )


def _token(unit: Unit, token: int) -> tuple[int, int]:
    """The range of a name without parentheses around it."""
    if not unit.parenthesised(token):
        return unit.starts[token], unit.ends[token]
    cursor = Cursor(unit.file)
    cursor.pos = unit.starts[token]
    return cursor.expect(unit.text[token]), cursor.pos
