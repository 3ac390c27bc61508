"""Skeletons: every node's range is its text, and the units are those a reader would name."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import libcst as cst
import pytest

from buglab.graph.labels import LABELS, ROLES
from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack
from buglab.rewrites.unit import Unit

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = [path for path in sorted(STDLIB.rglob("*.py")) if "site-packages" not in path.parts][::25]

SYNTAX = '''
async def f(a, /, b: int = (1), *args, c=lambda x: x, **kw) -> "T":
    """Doc."""
    async with a as (x, y), open(b) as h:
        x[y:1, ...] += -a ** b if not (a and b) else ~c
    async for i, *rest in kw:
        yield [j async for j in i if j if not b]
    try:
        raise E(a) from b
    except* (A, B) as e:
        del a, b[0]
    else:
        return (yield from x)
    finally:
        global g
    print(f"{a!r:>{b}} {{}} {x=} {y:=3}", rb"raw" b'b', 0x_f, 1_0.5e-3j, sep='')
    while (n := next(a)) is not None and n not in {1, *b} or n <> c:
        a.b.c().d[0](*x, k=1, **y)
    match x:
        case {"k": [1, *_], **rest} | Point(0, y=z) if not z:
            pass
        case -1 | None | str() as s:
            pass
        case _:
            assert a, b
class C[T](Base, metaclass=M):
    x: int
    y: list[int] = {k: v for k, v in (1, 2)}
    @staticmethod
    def m(p): nonlocal_ = 1; return p
type A[*Ts] = tuple[*Ts]
from . import a as b, c
from .x.y import (d, e)
import os.path as p
'''.replace("or n <> c", "")


def plain_expressions(unit: Unit) -> list[tuple[str, str]]:
    """(text of a node's range, code LibCST makes of the same node) for all expressions."""
    module = cst.Module([])
    return [
        (unit.source(node), module.code_for_node(tree))
        for node, tree in enumerate(unit.tree)
        if isinstance(tree, cst.BaseExpression) and not unit.label[node].startswith("slot:")
    ]


def check(source: Source) -> int:
    count = 0
    for unit in source.units:
        for text, code in plain_expressions(unit):
            # without white space: LibCST leaves out the indentation of continued lines
            # and a bare tuple's range ends before its last comma
            assert "".join(text.split()) == "".join(code.split()).removesuffix(","), (unit.name, text, code)
            count += 1
        for node, family in enumerate(unit.children):
            assert all(unit.parent[child] == node for child in family)
            inner = [(unit.starts[c], unit.ends[c]) for c in family if unit.label[c] not in ("Owner", "UnitName")]
            assert inner == sorted(inner), (unit.name, unit.label[node])
        assert set(unit.label) <= set(LABELS)
        assert set(unit.role) <= set(ROLES)
    return count


def test_ranges_are_the_text_of_their_nodes_for_all_syntax() -> None:
    assert check(Source.parse(SYNTAX)) > 100


def test_ranges_are_the_text_of_their_nodes_in_the_standard_library() -> None:
    def run() -> int:
        count = 0
        for path in FILES:
            try:
                source = Source.parse(decode(path.read_bytes()))
            except Unreadable:
                continue
            count += check(source)
        return count

    assert on_deep_stack(run) > 20_000


def test_units_are_functions_methods_classes_and_the_module() -> None:
    source = Source.parse(
        "class A:\n    def m(self):\n        def inner():\n            pass\n    class B:\n        pass\n"
        "def f():\n    class L: pass\n"
    )
    assert [(unit.name, unit.kind, unit.owner) for unit in source.units] == [
        ("<module>", "module", ""),
        ("A", "class", ""),
        ("A.m", "function", "A"),
        ("A.m.<locals>.inner", "function", ""),
        ("A.B", "class", ""),
        ("f", "function", ""),
        ("f.<locals>.L", "class", ""),
    ]
    inner = source.units[3]
    assert source.text[inner.start : inner.end].startswith("def inner():")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(a):\n    b = a\n    return b\n", {"a": "parameter", "b": "variable"}),
        ("class C:\n    def f(self, a):\n        return self.x + a\n", {"self": "receiver", "a": "parameter"}),
        ("import os\ndef f():\n    return os\n", {"os": "import"}),
        ("x = 1\ndef f():\n    global x\n    x = 2\n", {"x": "global"}),
        ("def g():\n    y = 1\n    def f():\n        return y, len\n", {"y": "enclosing", "len": "builtin"}),
        ("def f(cache):\n    cache[0] = 1\n", {"cache": "parameter"}),
    ],
)
def test_names_are_resolved_as_python_does(code: str, expected: dict[str, str]) -> None:
    unit = next(unit for unit in Source.parse(code).units if unit.name.endswith("f"))
    assert {s.name: s.kind for s in unit.symbols if s.name in expected} == expected


def test_bases_of_subscripts_are_read_not_bound() -> None:
    unit = Source.parse("def f(cache, k):\n    cache[k] = 1\n").units[1]
    assert [unit.label[n] for n in unit.names if unit.label[n] != "ParameterName"] == ["Name", "Name"]


def test_nested_functions_show_what_they_capture() -> None:
    source = Source.parse("def f(a):\n    b = 1\n    def g():\n        def h():\n            return b\n        return a\n")
    outer = source.units[1]
    [names] = [{outer.symbols[s].name for s in symbols} for symbols in outer.captures.values()]
    assert names == {"a", "b"}
