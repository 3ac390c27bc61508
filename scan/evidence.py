"""What in the code speaks for a repair, as far as the skeleton of the unit shows it: sentences for the reader of a finding.

The detector weighs the whole function and does not say why.  These are facts that it had before it (names of parameters, uses
of a variable, the same expression elsewhere), chosen because they tell the proposal from what is written; there may be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from ..graph.context import Surroundings
from ..rewrites.base import Rename, Swap
from ..rewrites.source import Source
from ..rewrites.unit import STORE, Unit
from .candidates import Candidate
from .finding import quoted
from .unread import is_unread

MOST = 3

WORTH = -4.0
"""Score below which a candidate is not worth the search: nobody will read of it."""

VERBS = {
    "Comparison": "compared",
    "BooleanChain": "tested",
    "BinaryChain": "calculated with",
    "Return": "returned",
    "For": "looped over",
}
"""What happens to a name that stands directly below such a node."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def evidence(source: Source, around: Surroundings, candidate: Candidate) -> tuple[str, ...]:
    """At most MOST sentences, the most telling ones first.  ``around`` are the surroundings of ``source``."""
    change = candidate.site.options[candidate.option].change
    if isinstance(change, Rename):
        found = _of_name(source, around, candidate, change.symbol)
    elif isinstance(change, Swap):
        found = _of_order(source, around, candidate, change)
    else:
        found = _of_token(source, candidate)
    return tuple(islice(found, MOST))


def _of_name(source: Source, around: Surroundings, candidate: Candidate, proposed: int) -> Iterator[str]:
    unit, node = candidate.unit, candidate.site.node
    written = unit.symbol_of[node]
    name, other = unit.symbols[proposed].name, unit.symbols[written].name
    formal = _parameter(around, unit, node)
    if _likeness(formal, name) > _likeness(formal, other):
        yield f"the parameter that takes it is called `{formal}`"
    goal = _goal(unit, node)
    if _likeness(goal, name) > _likeness(goal, other):
        yield f"its value goes to `{quoted(goal)}`"
    if any(child != node and unit.symbol_of.get(child) == written for child in unit.children[unit.parent[node]]):
        yield f"`{other}` stands here twice"
    uses = [token for token, symbol in unit.symbol_of.items() if symbol == proposed]
    if is_unread(unit, proposed):
        yield f"nothing else in `{unit.name}` reads the {unit.symbols[proposed].kind} `{name}`"
    earlier = [use for use in uses if use < node and unit.label[unit.parent[use]] == unit.label[unit.parent[node]]]
    if earlier and (deed := _deed(unit, max(earlier))):
        yield f"`{name}` was {deed} on line {_row(source, unit, max(earlier))}"


def _of_order(source: Source, around: Surroundings, candidate: Candidate, swap: Swap) -> Iterator[str]:
    unit = candidate.unit
    first, second = (_parameter(around, unit, argument) for argument in (swap.first, swap.second))
    if first and second:
        yield f"the parameters are called `{first}` and `{second}`, in this order"
    call = unit.parent[swap.first]
    if unit.label[call] != "Call" or unit.parent[swap.second] != call:  # operands, or values of keywords
        return
    family = unit.children[call]
    places = [family.index(swap.first), family.index(swap.second)]
    here = [unit.source(family[at]) for at in (0, *places)]
    for node, label in enumerate(unit.label):
        others = unit.children[node]
        if label == "Call" and node != call and len(others) > places[1]:
            there = [unit.source(others[at]) for at in (0, *places)]
            if there == [here[0], here[2], here[1]]:
                yield f"`{quoted(unit.source(node))}` on line {_row(source, unit, node)} passes them the other way round"
                return


def _of_token(source: Source, candidate: Candidate) -> Iterator[str]:
    """The same operands joined as it is proposed, elsewhere in the function: the nearest such place."""
    unit, site = candidate.unit, candidate.site
    proposed, beside = site.options[candidate.option].content, _beside(unit, site.node)
    alike = [
        other.node
        for other in unit.sites
        if other.rule is site.rule
        and other.node != site.node
        and other.options[other.chosen].content == proposed
        and _beside(unit, other.node) & beside
    ]
    if alike:
        node = min(alike, key=lambda other: abs(other - site.node))
        whole = unit.source(unit.parent[node])
        yield f"`{quoted(whole)}` is written on line {_row(source, unit, node)}"


def _parameter(around: Surroundings, unit: Unit, argument: int) -> str:
    """The name of the parameter that takes the argument; empty if there is none that is known."""
    if unit.label[unit.parent[argument]] != "Call":
        return ""
    context = around.of(unit)
    if argument not in context.filled:
        return ""
    callee, parameter = context.filled[argument]
    return context.callees[callee].parameters[parameter].partition("=")[0]


def _goal(unit: Unit, node: int) -> str:
    """What the value of ``node`` is assigned to, or the keyword it is passed as; empty for anything else."""
    family = unit.children[unit.parent[node]]
    label = unit.label[unit.parent[node]]
    return unit.source(family[0]) if label == "Keyword" or (label == "Assignment" and node == family[-1]) else ""


def _beside(unit: Unit, node: int) -> set[str]:
    """The texts left and right of a token, literals left out: they say little."""
    texts = {unit.source(other) for other in unit.siblings(node) if other >= 0}
    return {text for text in texts if any(character.isalpha() for character in text)}


def _likeness(one: str, other: str) -> float:
    """How many of the words in two names are the same, from 0 to 1."""
    mine, theirs = ({word.lower() for word in _WORDS.findall(name)} for name in (one, other))
    return len(mine & theirs) / max(len(mine | theirs), 1)


def _deed(unit: Unit, use: int) -> str:
    """What is done to the name token ``use``, as a participle; empty if there is no telling word for it."""
    parent = unit.parent[use]
    if unit.names[use].use == STORE:
        return "assigned"
    if unit.label[parent] == "Call":
        callee = unit.children[parent][0]
        return "called" if callee == use else f"passed to `{quoted(unit.source(callee))}`"
    if unit.label[parent] == "Subscript":
        return "indexed" if unit.children[parent][0] == use else "used as an index"
    return VERBS.get(unit.label[parent], "")


def _row(source: Source, unit: Unit, node: int) -> int:
    return source.position(max(unit.starts[node], unit.start))[0]
