"""Reaching writes against an independent version, on the standard library and on random control flow."""

from __future__ import annotations

import ast
import random
import sysconfig
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buglab.graph.flow import MAX_WRITES, MOST_WRITES, Flow
from buglab.rewrites.source import Source, decode
from buglab.rewrites.unit import Unit

from .slow_flow import SlowFlow

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(STDLIB.glob("*.py")) + sorted((STDLIB / "asyncio").glob("*.py")) + sorted((STDLIB / "email").glob("*.py"))
FUNCTIONS = 250


class Lines:
    """Offsets in an ASCII text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = [0]
        for line in text.splitlines(keepends=True):
            self.start.append(self.start[-1] + len(line))

    def name_of(self, node: ast.AST) -> int:
        """Where the name stands that ``node`` reads or writes."""
        begin = self.start[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = self.start[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        match node:
            case ast.alias(asname=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                return end - len(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                keyword = "class " if isinstance(node, ast.ClassDef) else "def "
                return self.text.index(node.name, self.text.index(keyword, begin) + len(keyword))
            case ast.ExceptHandler():
                behind = self.start[node.type.end_lineno - 1] + node.type.end_col_offset  # type: ignore[union-attr,operator]
                return self.text.index(f" {node.name}", self.text.index(" as", behind) + 3) + 1
            case ast.MatchMapping():
                return self.text.index(node.rest or "", self.text.rindex("**", begin, end))
        return begin


def compare(unit: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef, lines: Lines) -> int:
    """Hold every name token of ``unit`` against the slow version; returns how many saw more than one write."""
    expected = {lines.name_of(node): {lines.name_of(n) for n in seen} for node, seen in SlowFlow(function).seen.items()}
    flow, branched = Flow(unit), 0
    for token, symbol in unit.symbol_of.items():
        node = token
        while node and unit.label[node] != "FormattedString":  # Python 3.11 does not know where names in f-strings stand
            node = unit.parent[node]
        if not node:
            got = [unit.starts[write] for write in flow.writes(token, symbol)]
            wanted = sorted(expected.get(unit.starts[token], ()))
            assert got == wanted[-MAX_WRITES:], f"{unit.name}: `{unit.text[token]}` at {unit.starts[token]}\n{unit.source(0)}"
            branched += len(wanted) > 1
    return branched


def check(text: str) -> tuple[int, int]:
    lines, checked, branched = Lines(text), 0, 0
    units = {unit.start: unit for unit in Source.parse(text).units if unit.kind == "function"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = text.index("def ", lines.start[node.lineno - 1] + node.col_offset)
            branched += compare(units[start], node, lines)
            checked += 1
    return checked, branched


def test_agrees_with_the_slow_version_on_the_standard_library() -> None:
    checked = branched = 0
    for path in random.Random(0).sample(FILES, len(FILES)):
        text = decode(path.read_bytes())
        if text.isascii() and "\f" not in text and "\\\n" not in text and len(text) < 60_000:
            here = check(text)
            checked, branched = checked + here[0], branched + here[1]
            if checked >= FUNCTIONS:
                break
    assert checked >= FUNCTIONS
    assert branched > FUNCTIONS // 2


NAMES = st.sampled_from("abc")
# fmt: off
READS = st.sampled_from((
    "a", "b", "c", "f(a, b)", "[a for a in b if c]", "a if b else c", "(a := b)", "f((b := a), b) < c", "a and (a := b) or c",
    "[(b := a) for a in f(b) for c in a if b]", "{a: b for a, b in (c := b)}", "(lambda a, b=b: a + b + c)",
    "a < (b := c) < b", "f(x for x in a if (c := x))", "[(a := b) and c for b in c]",
))
OTHERS = st.sampled_from((
    "pass", "a: int", "b: c = a", "del a", "a, b.x, c = c", "assert a, b", "assert (a := b), a", "import a, b", "a = b = c",
    "a[b] = c", "from m import a as b, c", "def a(): pass", "@b\nclass c(a): pass", "global g",
))
# fmt: on
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, READS),
    st.builds("{} += {}".format, NAMES, READS),
    st.builds("{}, {} = {}".format, NAMES, NAMES, READS),
    READS,
    OTHERS,
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 2, loop: bool = False, leave: bool = True) -> str:
    """An indented block; ``loop``: break and continue are allowed, ``leave``: so is return."""
    return textwrap.indent("\n".join(draw(st.lists(statements(depth, loop, leave), min_size=1, max_size=2))), "    ")


@st.composite
def statements(draw: st.DrawFn, depth: int, loop: bool, leave: bool) -> str:
    leaving = ["raise a", "raise f(a) from b"] + (["break", "continue"] if loop else []) + (["return b"] if leave else [])
    kind = draw(st.sampled_from(["simple", "simple", "leave", "if", "while", "for", "try", "with", "match", "star"]))
    if kind == "simple" or (not depth and kind != "leave"):
        return draw(SIMPLE)
    if kind == "leave":
        return draw(st.sampled_from(leaving))

    def body(inside: bool = loop, may_leave: bool = leave) -> str:
        return draw(blocks(depth - 1, inside, may_leave))

    def perhaps(header: str, inside: bool = loop) -> str:
        return f"{header}:\n{body(inside)}\n" if draw(st.booleans()) else ""

    if kind == "if":
        return f"if {draw(READS)}:\n{body()}\n{perhaps('elif ' + draw(READS))}{perhaps('else')}"
    if kind == "while":
        return f"while {draw(READS)}:\n{body(True, leave)}\n{perhaps('else')}"
    if kind == "for":
        return (
            f"for {draw(st.sampled_from(['a', 'a, b', 'a.x', 'c']))} in {draw(READS)}:\n{body(True, leave)}\n{perhaps('else')}"
        )
    if kind == "with":
        return f"with {draw(st.sampled_from(['a', 'f(a) as b', 'f(b) as a, a as (b, c.x)']))}:\n{body()}"
    if kind == "match":
        first = draw(st.sampled_from(["[a, *b]", "{'k': c, **a}", "C(x=a, y=b.z)", "1 | 2", "C() as b"]))
        guard = draw(st.sampled_from(["", " if a", " if (b := c)"]))
        last = draw(st.sampled_from(["_", "a", "[1, b]"]))
        return f"match {draw(READS)}:\n" + textwrap.indent(f"case {first}{guard}:\n{body()}\ncase {last}:\n{body()}", "    ")
    if kind == "star":
        handlers = f"except* f(a) as b:\n{body(False, False)}\n" + f"except* E:\n{body(False, False)}\n" * draw(
            st.integers(0, 1)
        )
    else:
        handlers = "".join(f"{header}:\n{body()}\n" for header in draw(st.sampled_from([
            ("except f(a) as b",), ("except (c := b)", "except E as a"), ("except f(a)", "except"), (),
        ])))  # fmt: skip
    final = f"finally:\n{body()}\n" if not handlers or draw(st.booleans()) else ""
    return f"try:\n{body()}\n{handlers}{perhaps('else') if handlers else ''}{final}"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks())
def test_agrees_with_the_slow_version_on_random_control_flow(body: str) -> None:
    check(f"async def fun(a, b, *c):\n{body}\n    return a, b, c\n")


@pytest.mark.parametrize("kind", ["while a:", "try:\n{0}    b = a\n{0}finally:"])
def test_nesting_costs_nothing(kind: str) -> None:
    """Loops in loops, and `finally` in `finally`: what is run twice on every level would never end here."""
    text = "def fun(a, b):\n"
    for depth in range(1, 60):
        text += "    " * depth + kind.format("    " * depth) + "\n"
    text += "    " * 60 + "a = b\n"
    unit = Source.parse(text).units[1]
    read = next(t for t in unit.symbol_of if unit.label[t] == "Name" and unit.text[t] == "b")
    assert Flow(unit).writes(read, unit.symbol_of[read])


def test_a_table_with_many_writes_is_read_in_order() -> None:
    text = "".join(f"n{i} = {i}\n" for i in range(MOST_WRITES)) + "n1 = n0 + n1\nprint(n1)\n"
    (unit,) = Source.parse(text).units
    flow = Flow(unit)
    last = [t for t in unit.symbol_of if unit.text[t] == "n1"]
    assert [flow.writes(t, unit.symbol_of[t]) for t in last] == [(), (last[0],), (last[0],), (last[1],)]
