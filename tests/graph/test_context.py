"""What graphs show of the code around a unit."""

from __future__ import annotations

from buglab.graph.assembly import Assembly
from buglab.graph.build import extract
from buglab.graph.context import MAX_NODES, Context, Surroundings
from buglab.graph.draft import Draft
from buglab.graph.labels import LABEL_ID
from buglab.graph.schema import Relation
from buglab.rewrites.outline import EMPTY, MAX_CHARACTERS, outline
from buglab.rewrites.project import Around, Folder
from buglab.rewrites.source import Source
from buglab.rewrites.unit import Unit

FILES = {
    "pkg/__init__.py": "from .shapes import *\nfrom .shapes import Box as Crate\n",
    "pkg/shapes.py": (
        "from dataclasses import dataclass\nfrom .base import Base\n\ndef scale(shape, factor=2, *, origin=None):\n"
        "    return shape\n\n@dataclass\nclass Point:\n    x: int\n    y: int = 0\n\nclass Box(Base):\n"
        "    def __init__(self, width, height): self.width = width\n"
    ),
    "pkg/base.py": "from . import shapes\nclass Base:\n    def move(self, dx, dy): self.at = dx\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/limits.py": (
        "LIMIT = 3\nNAME = 'pkg'\nTWICE = 1\nTWICE = 2\nLOOSE = 4\ndef f():\n    global LOOSE\n    LOOSE = 5\n"
    ),
    "loop.py": "from loop import nothing\n",
}
CODE = """\
import pkg.shapes as sh
from pkg import Crate, Point, scale
from ..sub.limits import LIMIT, TWICE
from loop import nothing
from json import dumps
HERE = -1

class Mine(Crate):
    def __init__(self, size):
        super().__init__(size, 1)
        self.size = size

    def go(self, a, b):
        self.move(a, b)
        scale(a, origin=b)
        sh.scale(b)
        Point(a, y=b)
        nothing(a)
        dumps(a)
        Crate.move(self, a)
        return LIMIT + HERE + TWICE

    def again(self, a, b):
        b = self.again(a, b)
        return b
"""


def folder(files: dict[str, str]) -> Folder:
    return Folder(files.__contains__, lambda path: files[path].encode(), bytes.decode)


def look(code: str, name: str, around: Around) -> tuple[Unit, Context]:
    source = Source.parse(code)
    unit = next(unit for unit in source.units if unit.name == name)
    return unit, Surroundings(source, around).of(unit)


def filled(unit: Unit, context: Context) -> dict[str, list[str]]:
    """call -> `argument: parameter`"""
    found: dict[str, list[str]] = {unit.source(call): [] for call in context.calls}
    for argument, (callee, at) in context.filled.items():
        parameter = context.callees[callee].parameters[at]
        found[unit.source(unit.parent[argument])].append(f"{unit.source(argument)}: {parameter}")
    return found


def test_callees_are_found_through_the_imports_of_the_project() -> None:
    around = folder(FILES | {"pkg/deep/__init__.py": "", "pkg/deep/mine.py": CODE}).around("pkg/deep/mine.py")
    assert around.module == "pkg.deep.mine"
    unit, context = look(CODE, "Mine.go", around)
    assert filled(unit, context) == {
        "self.move(a, b)": ["a: dx", "b: dy"],
        "scale(a, origin=b)": ["a: shape", "origin=b: origin=None"],
        "sh.scale(b)": ["b: shape"],
        "Point(a, y=b)": ["a: x", "y=b: y=0"],
        "Crate.move(self, a)": ["self: self", "a: dx"],
    }
    assert {callee.returns for callee in context.callees} == {"shape", ""}
    assert ("shape", "factor=2", "origin=None") in [callee.parameters for callee in context.callees]
    assert context.members == ("__init__", "size", "go", "again", "width", "move", "at")
    assert {unit.symbols[s].name: text for s, text in context.constants.items()} == {"LIMIT": "3", "HERE": "-1"}
    unit, context = look(CODE, "Mine.__init__", around)
    assert filled(unit, context) == {"super().__init__(size, 1)": ["size: width", "1: height"]}


def test_a_file_alone_shows_what_stands_in_it() -> None:
    unit, context = look(CODE, "Mine.again", Around())
    assert filled(unit, context) == {"self.again(a, b)": ["a: a", "b: b"]}
    assert context.callees[0].returns == "", "what a unit itself returns is its own choice"


def test_a_constant_that_may_be_bound_again_is_none() -> None:
    text = FILES["pkg/sub/limits.py"] + "def g():\n    return LIMIT, NAME, TWICE, LOOSE\n"
    unit, context = look(text, "g", Around())
    assert {unit.symbols[s].name: shown for s, shown in context.constants.items()} == {"LIMIT": "3", "NAME": "pkg"}


def test_what_may_be_renamed_is_no_callee() -> None:
    text = "def run(a, b): pass\ndef f(run, go):\n    run(1, 2)\n    go(3, 4)\n"
    assert look(text, "f", Around())[1].calls == {}


def test_the_graph_shows_it_all_within_bounds() -> None:
    text = "".join(f"def f{i}(a{i}, b{i}, c{i}=1): pass\n" for i in range(40))
    text += "def g():\n" + "".join(f"    f{i}(1, 2)\n" for i in range(40))
    source = Source.parse(text)
    surroundings = Surroundings(source)
    unit = source.units[-1]
    context = surroundings.of(unit)
    graph, alone = Assembly([Draft(unit, context), Draft(unit)]).graphs()
    assert graph.num_nodes - alone.num_nodes <= MAX_NODES
    assert len(context.callees) == MAX_NODES // 4
    callees = graph.target[graph.relation == Relation.CALLEE]
    assert set(graph.label[callees].tolist()) == {LABEL_ID["Callee"]}
    assert (graph.relation == Relation.FORMAL).sum() == 2 * len(context.callees)


def test_windows_keep_the_parameters_of_their_calls() -> None:
    text = "def f(left, right): pass\ndef g(a, b):\n" + "    f(a, b)\n" * 60
    parts = [item.graph for item in extract(Source.parse(text), limit=200) if item.unit.name == "g"]
    assert len(parts) > 2
    for part in parts:
        assert (part.label == LABEL_ID["Formal"]).sum() == 2
        assert Relation.FORMAL in part.relation


def test_outlines_of_what_is_no_python_or_too_long_are_empty() -> None:
    assert outline("def f(:\n") is EMPTY
    assert outline("x = 1\n" * MAX_CHARACTERS) is EMPTY
    assert outline("x = '\\d'\n").constants == {"x": "\\d"}
