"""Inputs that a reader of Python must survive: real code with damage, and random programs of every construct of the grammar.

An input is a pure function of the seed and its number, so a run can be continued and a failure looked at again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

MOST_LINES = 150
_TOKEN = re.compile(r"\s+|\w+|\"\"\"|'''|[\"']|[^\w\s]")
_WORDS = (
    "if else elif for while try except finally with as def class lambda return yield await async match case _ in is not and or "
    "None True False global nonlocal del assert raise from import pass break continue type print exec self x f'' 0 0x1f 1_0 1j "
    '( ) [ ] { } : := = == != < > -> ** * // / % @ += ~ ^ & | ; , . ... # \\ " \' """ f"{ }" b\'\' rb"" \t \r \r\n \f \n'
).split(" ")
_STRANGE = [
    "\N{COMBINING ACUTE ACCENT}",
    "\0",
    "\ufeff",
    "\u2028",
    "\x0c",
    "é",
    "ﬁ",
    "\N{MATHEMATICAL FRAKTUR CAPITAL U}",
    "\ud800",
    "\x1a",
    "\xa0",
    "\r",
]


def mutated(generator: random.Random, files: Sequence[Path]) -> bytes:
    """A piece of a real file with a few random changes of bytes, tokens, lines, indentation, or a graft from another file."""
    text = _piece(generator, files)
    for _ in range(generator.choice((1, 1, 1, 2, 3, 8))):
        text = generator.choice(_MUTATIONS)(generator, text, files)
    data = text.encode("utf-8", "surrogatepass")
    if generator.random() < 0.05:  # bytes that need not be text
        at = generator.randrange(len(data) + 1)
        data = data[:at] + generator.randbytes(generator.randint(1, 4)) + data[at + generator.randint(0, 2) :]
    return data


def _piece(generator: random.Random, files: Sequence[Path]) -> str:
    text = generator.choice(files).read_bytes().decode("utf-8", "surrogateescape").replace("\udcff", "?")
    lines = re.sub("[\udc80-\udcff]", "?", text).splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line[:1].strip() and line[0] not in "#)]}"] or [0]
    start = generator.choice(starts)
    ends = [number for number in starts if start < number <= start + MOST_LINES] or [start + MOST_LINES]
    return "".join(lines[start : generator.choice(ends)])


def _tokens(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    """Delete, double, swap or replace tokens."""
    pieces = _TOKEN.findall(text) or [""]
    at, other = generator.randrange(len(pieces)), generator.randrange(len(pieces))
    match generator.randrange(5):
        case 0:
            del pieces[at]
        case 1:
            pieces.insert(at, pieces[other])
        case 2:
            pieces[at], pieces[other] = pieces[other], pieces[at]
        case 3:
            pieces[at] = generator.choice(_WORDS)
        case _:
            pieces[at] = pieces[other]
    return "".join(pieces)


def _alike(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    """Replace a word by another word, an operator by another operator: what often still parses."""
    kind = generator.choice((r"\b[a-zA-Z_]\w*\b", r"\b\d+\b", r"[-+*/%<>]=?|[=!]="))
    found = list(re.finditer(kind, text))
    if not found:
        return text
    one, other = generator.choice(found), generator.choice(found)
    return text[: one.start()] + other[0] + text[one.end() :]


def _lines(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    """Delete, double or move lines, change their indentation or their ends, join two."""
    lines = text.splitlines(keepends=True) or [""]
    at, other = generator.randrange(len(lines)), generator.randrange(len(lines))
    match generator.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[other])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = generator.choice((" ", "    ", "\t", "\f", "")) + generator.choice((lines[at], lines[at].lstrip()))
        case 4:
            lines[at] = lines[at].rstrip("\r\n") + generator.choice(("\r\n", "\r", "", "\\\n", ";\n", "\f\n", " #é\n"))
        case _:
            return generator.choice(("\r\n", "\r")).join(text.split("\n"))
    return "".join(lines)


def _strange(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    at = generator.randrange(len(text) + 1)
    return text[:at] + generator.choice(_STRANGE) + text[at:]


def _cut(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    return text[: generator.randrange(len(text) + 1)]


def _graft(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    other = _piece(generator, files)
    at, start = generator.randrange(len(text) + 1), generator.randrange(len(other) + 1)
    return text[:at] + other[start : start + generator.randint(1, 200)] + text[at:]


def _nest(generator: random.Random, text: str, files: Sequence[Path]) -> str:
    at, depth = generator.randrange(len(text) + 1), generator.choice((3, 30, 199, 250, 2_000))
    opening, closing = generator.choice(
        (("(", ")"), ("[", "]"), ("{", "}"), ("not ", ""), ("-", ""), ("x.", ""), ("lambda: ", ""))
    )
    return text[:at] + opening * depth + "x" + closing * depth + text[at:]


_MUTATIONS = (_tokens, _tokens, _alike, _alike, _alike, _lines, _lines, _strange, _cut, _graft, _nest)


_OPERATORS = (*"+ - * / // % @ ** << >> & | ^ < <= > >= == != is in and or".split(), "is not", "not in")
_LITERALS = ("0", "1", "1.5", "2j", "0x1F", "1_000", "'text'", "b'bytes'", "None", "True", "...", r"rb'\d'")
_EXPRESSIONS = (
    "(E) O (E)", "(E) O (E)", "N < N <= N", "N + N * N - N", "not (E)", "-(E)", "~(E)", "N(A)", "N.N(A)", "(E).N", "(E)[E]",
    "N[:]", "N[(E):(E)]", "N[::N]", "N[(E), (E)]", "N[*N]", "(E) if (E) else (E)", "lambda: (E)", "lambda N, *a_: (E)",
    "lambda N=E, /: (E)", "[(E) for T in (E)]", "[(E) for N, *N_ in (E) if (E) if (E)]", "{(E): (E) for N in (E)}",
    "{(E) for (N, N) in (E)}", "sum((E) for N in (E) for N in (E))", "[(E) async for N in (E)]", "(N := (E))", "[(E), *N,]",
    "{**N, (E): (E)}", "{(E), (E)}", "((E),)", "()", "{}", "[]", 'f"{N!r:>{N}} {N = } {{}}"', "f'{(E)}' 'text'",
    "'text' \"\"\"more\n\"\"\"", "await N", "(yield (E))",
)  # fmt: skip
_PATTERNS = (
    "_", "-1.5", "1 + 2j", "[P, *rest]", "(P | 2)", "{'k': P, **others}", "Point(P, x=P)", "(P) as whole", "(yes)", "[]",
    "P, P",
)  # fmt: skip
_SIMPLE = (
    "T = T = E", "T += E", "T //= E", "T **= E", "T @= E", "N: N = E", "N: (E)", "N, *N_ = E", "E", "E", "N(A)",
    "assert E, (E)", "del T", "import N.N as N", "from ..N import N as N, N", "from . import (N,)", "pass",
    "raise (E) from N", "return E", "return", "N = yield E", "yield from (E)", "await N", "global N_", "nonlocal N", "break",
    "continue; pass", "type Alias[T_: int, *Ts, **Ps] = N", "N = \\\n  N", "print(E, # why\n(E))", "\"\"\"doc\n string\"\"\"",
    "N = (\n# between\nE\n)",
)  # fmt: skip
_COMPOUND = (
    ("if E:", "elif E:", "else:"), ("if (E):",), ("while E:", "else:"), ("for T, N in E, N:",),
    ("async for T in E:", "else:"), ("try:", "except N as N:", "except (N, N):", "else:", "finally:"), ("try:", "except* N:"),
    ("with (E) as T, N:",), ("with (N as N, N,):",), ("async with (E):",), ("class N:",), ("class N(N, metaclass=N):",),
    ("class N[T_](N):",), ("async def N(N_=E):",), ("def N[T_: (int, str)](N_: T_) -> T_:",),
    ("match (E), N:\n", "    case P:", "    case P if (E):", "    case _:"),
)  # fmt: skip


def generated(generator: random.Random) -> bytes:
    """A random module that is right by the grammar, if not always by the compiler's further checks."""
    return ("".join(Program(generator).block(0, generator.randint(1, 6)))).encode()


class Program:
    """Writes random statements and expressions."""

    def __init__(self, generator: random.Random) -> None:
        self.pick = generator.choice
        self.some = generator.randint
        known = ["a", "b", "c", "value", "self", "π", "_x", "match", "case", "type", "print", "__y"]
        self.names = generator.choices(known, k=5)
        self.pad = generator.choice(("  ", "    ", "\t"))

    def fill(self, template: str, depth: int) -> str:
        """The template with its marks replaced: Name, Target, Expression, Arguments, Pattern, Operator."""
        make = {
            "N": self.name,
            "T": self.target,
            "E": lambda: self.expression(depth - 1),
            "A": lambda: self.arguments(depth - 1),
            "P": lambda: self.pattern(depth - 1),
            "O": lambda: self.pick(_OPERATORS),
        }
        return re.sub(r"\b[NTEAPO]\b", lambda mark: make[mark[0]](), template)

    def name(self) -> str:
        return self.pick(self.names)

    def target(self) -> str:
        return self.fill(self.pick(("N", "N.N", "N[N]")), 0)

    def expression(self, depth: int = 3) -> str:
        """An expression; in brackets wherever binding could matter, and now and then where it does not."""
        if depth <= 0:
            return self.pick((self.name(), self.name(), self.pick(_LITERALS)))
        whole = self.fill(self.pick(_EXPRESSIONS), depth)
        return f"({whole})" if self.some(0, 3) == 0 else whole

    def arguments(self, depth: int) -> str:
        given = [self.expression(depth) for _ in range(self.some(0, 2))]
        given += [f"*{self.name()}"] * self.some(0, 1)
        given += [f"k{number}={self.expression(depth)}" for number in range(self.some(0, 2))]
        return ", ".join([*given, *([f"**{self.name()}"] * self.some(0, 1))])

    def parameters(self) -> str:
        plain = [f"p{number}{self.pick(('', ': int', ': (yes)'))}" for number in range(self.some(0, 3))]
        slash = ["/"] if plain and self.some(0, 3) == 0 else []
        star = self.pick(([], ["*", "k"], ["*rest"], ["*rest", "k=1"], ["*", "k: str = ''", "**others"], ["q=None"]))
        return ", ".join([*plain, *slash, *star])

    def pattern(self, depth: int = 2) -> str:
        return self.fill(self.pick(_PATTERNS), depth) if depth > 0 else self.pick(("_", "1", "'x'", "None", "a.b"))

    def block(self, level: int, count: int) -> list[str]:
        return [line for _ in range(count) for line in self.statement(level)]

    def body(self, level: int) -> list[str]:
        """What follows a colon."""
        if self.some(0, 5) == 0:
            return [" pass\n"]
        return [self.pick(("\n", "  # why\n")), *self.block(level + 1, self.some(1, 2))]

    def statement(self, level: int) -> list[str]:
        pad = self.pad * level
        if level > 4 or self.some(0, 1):
            simple = self.fill(self.pick(_SIMPLE), 3)
            return [f"{pad}{simple}{self.pick(('', '', '', ';', '  # why'))}\n"]
        if self.some(0, 5) == 0:
            heads = [f"{pad}def {self.name()}({self.parameters()}){self.pick(('', f' -> {self.name()}'))}:"]
        else:
            heads = [pad + head for head in self.pick(_COMPOUND)]
        written: list[str] = []
        for head in heads:
            indented = head.lstrip().startswith("case ")
            written.append(self.fill(head, 3) + ("\n" if head.endswith("\n") else ""))
            if not head.endswith("\n"):
                written += self.body(level + indented)
        return written
