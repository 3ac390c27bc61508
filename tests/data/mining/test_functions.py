"""Functions found by indentation are those that the parser finds."""

from __future__ import annotations

import pytest

from buglab.data.mining.functions import Function, Layout
from buglab.rewrites.source import Source

TEXT = '''\
import os


class Outer:
    """Text."""

    limit = 3

    @property
    def value(
        self,
    ):
        def inner(x):
            # note
            return x

        return inner(
            self.limit
        )

    class Deep:
        async def wait(self):
            if self:

                return 1


def last(): return 2
'''


def test_names_and_rows_are_those_of_the_units() -> None:
    layout, source = Layout.of(TEXT.encode()), Source.parse(TEXT)
    assert layout is not None
    rows = {15: "Outer.value.<locals>.inner", 18: "Outer.value", 25: "Outer.Deep.wait"}
    found = {row: layout.innermost(row, row) for row in rows}
    assert {row: function.name for row, function in found.items() if function} == rows
    for function in found.values():
        (unit,) = [unit for unit in source.units if function and unit.name == function.name]
        assert function.first == source.position(unit.start)[0]
        assert function.last == source.position(unit.end)[0]


def test_the_outermost_function_comes_with_decorators_and_owner() -> None:
    layout = Layout.of(TEXT.encode())
    assert layout is not None
    assert layout.innermost(15, 15) == Function("Outer.value.<locals>.inner", 13, 15, 9, 19, "Outer")


@pytest.mark.parametrize("row", [1, 4, 7, 28])
def test_other_rows_belong_to_none(row: int) -> None:
    layout = Layout.of(TEXT.encode())
    assert layout is not None
    assert layout.innermost(row, row) is None


def test_a_file_that_cannot_be_decoded_has_none() -> None:
    assert Layout.of(b"x = '\xff'\n") is None
