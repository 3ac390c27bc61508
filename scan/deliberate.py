"""Names that nothing reads, and that is meant so: to read one of them is never proposed.

A name that begins with an underscore says so itself.  And pytest fills the parameters of tests and fixtures by name, where
to take a fixture is to use it: it makes a folder, closes the figures, puts a fake in place.  That nothing reads such a
parameter says nothing against the code, though a forgotten variable looks the same.  A value that `parametrize` or its like
passes is another matter: it is there to be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from ..rewrites.source import Source
from ..rewrites.unit import Unit
from .unread import is_unread

GIVEN = frozenset(["given", "expand", "data"])
"""Decorators of hypothesis, parameterized and ddt, which pass values."""


def deliberately_unread(source: Source) -> Mapping[int, frozenset[int]]:
    """By ``id`` of a function, the symbols that it binds and means not to read."""
    definitions = {id(node.name): node for unit in source.units for node in unit.tree if isinstance(node, cst.FunctionDef)}
    found = {}
    for unit in source.units:
        if unit.kind == "function":
            name = unit.tree[unit.label.index("UnitName")]
            marked = (i for i, symbol in enumerate(unit.symbols) if symbol.name.startswith("_") and is_unread(unit, i))
            found[id(unit)] = frozenset([*marked, *_unread_fixtures(unit, definitions[id(name)])])
    return found


def _unread_fixtures(unit: Unit, definition: cst.FunctionDef) -> Iterator[int]:
    decorators = [decorator.decorator for decorator in definition.decorators]
    marks = set(map(_last_name, decorators))
    if not (definition.name.value.startswith("test_") or "fixture" in marks) or marks & GIVEN:
        return
    values = {name for decorator in decorators for name in _parametrized(decorator)}
    for node in unit.children[0]:
        param = unit.tree[node]
        if isinstance(param, cst.Param) and not param.star and param.default is None and param.name.value not in values:
            symbol = unit.symbol_of[unit.children[node][0]]
            if unit.symbols[symbol].kind == "parameter" and is_unread(unit, symbol):
                yield symbol


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
