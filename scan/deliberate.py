"""Code that is meant as it is written, though a bug may look the same: nothing is proposed against it.

Names that nothing reads, where that is meant so: to read one of them is no repair.  A name that begins with an underscore says
so itself.  ``*rest`` and ``**options`` that are not read swallow what callers pass; they may only be missing where something
else is spread.  Parameters are what the caller makes them where somebody else calls: pytest fills those of tests and fixtures
by name (to take a fixture is to use it: it makes a folder, closes the figures, puts a fake in place), and a function that is
handed on as a value, a handler or a lambda, gets what its caller has to give.  Those of a cached function are its key, those of
an overriding one are the base's.  But a value that `parametrize` or its like passes is there to be read.

Comparisons with None that are overloaded: ``Table.column != None`` makes a condition for a database, and ``is not`` would not.

What a property keeps under another name: one that reads or sets itself would call itself for ever.

And what the file does the same way elsewhere (``habits``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from ..rewrites.base import Member, Option, Rename, Site
from ..rewrites.source import Source
from ..rewrites.unit import LOAD, Unit
from .habits import Habits
from .unread import is_unread

GIVEN = frozenset(["given", "expand", "data"])
"""Decorators of hypothesis, parameterized and ddt, which pass values."""

SETTLED = frozenset(["lru_cache", "cache", "override"])
"""Decorators of functions all of whose parameters have a purpose, read or not."""

OVERLOADED = re.compile(r"#\s*noqa:.*\bE711\b", re.IGNORECASE)
"""What a comparison with None bears where other tools have been told that it is meant."""


@dataclass(frozen=True, slots=True)
class Deliberate:
    """What is meant as it is in one unit."""

    unread: frozenset[int] = frozenset()
    """symbols that are bound and not read"""
    spread: frozenset[int] = frozenset()
    """nodes of what is spread by a star, where even those may have been meant"""
    overloaded: frozenset[int] = frozenset()
    """nodes of comparison operators that are no test of identity"""
    unit: Unit | None = None
    habits: Habits | None = None
    """of the file of ``unit``"""

    def keeps(self, site: Site, option: Option) -> bool:
        """Whether the option goes against it."""
        if isinstance(option.change, Rename):
            return option.change.symbol in self.unread and site.node not in self.spread
        if isinstance(option.change, Member):
            return self._is_itself(option.change.name)
        return site.node in self.overloaded and option.content in ("is", "is not")

    def _is_itself(self, name: str) -> bool:
        """Whether the unit is what reading the attribute calls: a property."""
        unit = self.unit
        if unit is None or unit.members is None:
            return False
        return name in unit.members.data and name == unit.name.rpartition(".")[2]

    def is_habit(self, site: Site, option: Option) -> bool:
        """Whether the file does elsewhere what the option would change."""
        return self.unit is not None and self.habits is not None and self.habits.hold(self.unit, site, option)


def deliberate(source: Source) -> Mapping[int, Deliberate]:
    """What is meant as it is, by ``id`` of the unit."""
    definitions = {id(node.name): node for unit in source.units for node in unit.tree if isinstance(node, cst.FunctionDef)}
    handed = {name for unit in source.units for name in _handed_on(unit)}
    found, habits = {}, Habits(source)
    for unit in source.units:
        unread: Iterator[int] = iter(())
        if unit.kind == "function":
            definition = definitions[id(unit.tree[unit.label.index("UnitName")])]
            unread = (symbol for symbol in _not_to_be_read(unit, definition, handed) if is_unread(unit, symbol))
        spread = (node for node, parent in enumerate(unit.parent) if parent >= 0 and unit.label[parent] == "Starred")
        found[id(unit)] = Deliberate(frozenset(unread), frozenset(spread), frozenset(_overloaded(unit)), unit, habits)
    return found


def _handed_on(unit: Unit) -> Iterator[str]:
    """Names of functions and of methods of ``self`` that are read without being called."""
    for node, label in enumerate(unit.label):
        if label == "Name" and unit.names[node].use == LOAD:
            value = node
        elif label == "AttributeName" and unit.text[unit.children[unit.parent[node]][0]] in ("self", "cls"):
            value = unit.parent[node]
        else:
            continue
        if unit.role[value] != "func" and unit.label[unit.parent[value]] != "Attribute":
            yield unit.text[node]


def _not_to_be_read(unit: Unit, definition: cst.FunctionDef, handed: set[str]) -> Iterator[int]:
    """The symbols that may stay unread."""
    for index, symbol in enumerate(unit.symbols):
        of_lambda = symbol.kind == "parameter" and symbol.scope is not unit.scope
        if symbol.name.startswith("_") or of_lambda:
            yield index
    decorators = [decorator.decorator for decorator in definition.decorators]
    marks = set(map(_last_name, decorators))
    settled = definition.name.value in handed or bool(marks & SETTLED)
    filled = (definition.name.value.startswith("test_") or "fixture" in marks) and not marks & GIVEN
    values = {name for decorator in decorators for name in _parametrized(decorator)}
    for node in unit.children[0]:
        param = unit.tree[node]
        if isinstance(param, cst.Param):
            fixture = filled and param.default is None and param.name.value not in values
            if settled or fixture or param.star:
                yield unit.symbol_of[unit.children[node][0]]


def _overloaded(unit: Unit) -> Iterator[int]:
    """Operators of ``Class.attribute == None``, and of what the author has marked as such."""
    for node, label in enumerate(unit.label):
        if label in ("op:==", "op:!="):
            sides = [side for side in unit.siblings(node) if side >= 0]
            if any(unit.label[side] == "None" for side in sides):
                line = unit.file[unit.ends[node] :].partition("\n")[0]
                if OVERLOADED.search(line) or any(_of_class(unit, side) for side in sides):
                    yield node


def _of_class(unit: Unit, node: int) -> bool:
    """Whether it is an attribute of what is called like a class."""
    base = unit.children[node][0] if unit.label[node] == "Attribute" else node
    return base != node and unit.label[base] == "Name" and unit.text[base][:1].isupper() and not unit.text[base].isupper()


def _parametrized(decorator: cst.BaseExpression) -> Iterator[str]:
    """The names in the first argument of ``parametrize``: in one string, or one by one."""
    if not isinstance(decorator, cst.Call) or _last_name(decorator) != "parametrize" or not decorator.args:
        return
    names = decorator.args[0].value
    elements = [element.value for element in names.elements] if isinstance(names, cst.Tuple | cst.List) else [names]
    for element in elements:
        if isinstance(element, cst.SimpleString) and isinstance(text := element.evaluated_value, str):
            yield from (name.strip() for name in text.split(","))


def _last_name(decorator: cst.BaseExpression) -> str:
    """``fixture`` of ``@pytest.fixture(scope="module")``."""
    called = decorator.func if isinstance(decorator, cst.Call) else decorator
    named = called.attr if isinstance(called, cst.Attribute) else called
    return named.value if isinstance(named, cst.Name) else ""
