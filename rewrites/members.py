"""What an object of a class has, as far as the file says: attributes stored on the receiver, methods, names of the class body.

No rewrite changes any of them, for only reads are rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .earlier import of_receiver
from .unit import STORE, Unit

MANY = 8
"""Members that are offered in one place: those that are defined next to each other."""


class Members:
    """The members of one class, in order of their definition."""

    def __init__(self) -> None:
        self.data: dict[str, int] = {}
        self.methods: dict[str, int] = {}
        self._listed: tuple[list[str], list[str]] = ([], [])

    def has(self, name: str) -> bool:
        return name in self.data or name in self.methods

    def group(self, name: str) -> Sequence[str]:
        """The members that ``name`` may be confused with, itself among them: data with data, methods with methods."""
        table, listed = (self.data, self._listed[0]) if name in self.data else (self.methods, self._listed[1])
        begin = table[name] // MANY * MANY
        return listed[begin : begin + MANY]

    def close(self) -> None:
        """Number the members once all are known; what is stored somewhere is data even where it is defined as a method."""
        data = list(self.data)
        methods = [name for name in self.methods if name not in self.data]
        self.data = {name: i for i, name in enumerate(data)}
        self.methods = {name: i for i, name in enumerate(methods)}
        self._listed = (data, methods)


def share_members(units: Sequence[Unit], outer: Mapping[int, tuple[Unit, int]]) -> None:
    """Give every method the members of its class.  ``outer``: index of a unit -> (unit around it, its stub there)."""
    classes = {id(unit): _body(unit) for unit in units if unit.kind == "class"}
    for index, unit in enumerate(units):
        if unit.owner:
            members = unit.members = classes[id(outer[index][0])]
            _stored(unit, members)
    for members in classes.values():
        members.close()


def _body(unit: Unit) -> Members:
    members = Members()
    for node, name in unit.names.items():
        if name.use != STORE or name.scope is not unit.scope or unit.label[node] == "ImportedName":
            continue
        text, stub = unit.text[node], unit.parent[node]
        if text.startswith("__") and text.endswith("__"):
            continue
        is_method = unit.label[node] == "DefinitionName" and unit.label[stub] == "FunctionStub"
        if is_method and not any("property" in unit.text[token] for token in range(stub + 1, node)):
            members.methods.setdefault(text, 0)
        else:
            members.data.setdefault(text, 0)
    return members


def _stored(unit: Unit, members: Members) -> None:
    for node, label in enumerate(unit.label):
        if label == "StoredAttribute" and of_receiver(unit, node):
            text = unit.text[node]
            if not (text.startswith("__") and text.endswith("__")):
                members.data.setdefault(text, 0)
