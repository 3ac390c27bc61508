"""Which writes a name token may see last, along control flow: reaching definitions (Aho, Lam, Sethi, Ullman, section 9.2.4).

The skeleton is walked in order of evaluation.  A state is one integer: bit 0 says that this point can be reached, every other
bit is a write that may have happened last, so a join is ``|``, a copy is free and a write is ``& ~ |``.  Since every statement
only adds writes and removes writes, whatever went in, one pass over a loop's body tells what its back edge brings, and two
tell what a ``finally`` does to each of the ways that lead through it; both are remembered, so that nesting costs nothing.

The edges are those of CPython's own control flow: ``break``, ``continue``, ``return`` and ``raise`` leave, ``finally`` runs on
every way out, a ``with`` may swallow what was raised in it, ``else`` of a loop runs unless it was left by ``break``, ``case``
falls through, comprehensions are loops, the name of an exception is unbound behind its handler.  A statement may raise before
it has done anything; after a write within an expression (``:=``), and before each target that is no name, it may raise again.

Nothing here may depend on a choice, or no delta could move it: a condition may go either way even where it is ``True``, any
operand of ``and`` and ``or`` but the first may be skipped, an augmented assignment writes as a plain one does, and ``del`` is
only known to unbind a single name.  Calls write nothing, and lambdas and generator expressions run where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import or_

import libcst as cst

from ..rewrites.unit import Unit
from .evaluation import Evaluation

MAX_WRITES = 3
"""Writes kept for one read of a symbol: the latest in the text."""

MOST_WRITES = 4096
"""A unit with more (a generated table) is read as if it had no branches."""

_NO_EFFECT = {"Pass", "Declaration"}


class Flow(Evaluation):
    """The reaching writes of one unit, and which of its blocks are never run through to their end."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit)
        self.closed: set[int] = set()
        """blocks that always end by leaving: ``return``, ``raise``, ``break``, ``continue``"""
        self.passes: dict[tuple[int, int], int] = {}
        if len(self.order) > MOST_WRITES:
            self._in_order()
            return
        for child in unit.children[0]:
            if unit.role[child] == "statement":
                self.statement(child)
            elif unit.label[child] == "Block":
                self.block(child)
            else:
                self.evaluate(child)

    def writes(self, token: int, symbol: int) -> tuple[int, ...]:
        """The last writes of ``symbol`` that may reach ``token``, in order of the text; at most MAX_WRITES."""
        bits = self.seen.get(token, 0) & self.mask[symbol]
        return self.ends[bits] if bits in self.ends else self.latest(bits)

    def latest(self, bits: int) -> tuple[int, ...]:
        """The last MAX_WRITES of a set of writes, which is remembered in ``ends``."""
        rest = bits
        found: list[int] = []
        while rest and len(found) < MAX_WRITES:
            at = rest.bit_length() - 1
            found.append(self.order[at - 1])
            rest ^= 1 << at
        known = self.ends[bits] = tuple(reversed(found))
        return known

    # ---- statements --------------------------------------------------------------------------------------------------

    def block(self, node: int) -> None:
        if not self.state:
            return
        for child in self.unit.children[node]:
            self.statement(child)
            if not self.state:
                self.closed.add(node)
                return  # what stands behind is never run

    def statement(self, node: int) -> None:
        if not self.state:
            return
        label = self.unit.label[node]
        special = _STATEMENTS.get(label)
        if special is not None:
            special(self, node)
        else:
            if label not in _NO_EFFECT:
                self.may_raise()
            self.evaluate(node)

    def _assignment(self, node: int) -> None:
        self.may_raise()
        unit = self.unit
        *targets, value = unit.children[node]
        self.evaluate(value)
        for target in targets:
            if unit.role[target] == "target":
                self.store(target)

    def _annotated(self, node: int) -> None:
        self.may_raise()
        target, annotation, *value = self._operands(node)
        if value:
            self.evaluate(value[0])
            self.store(target)
        elif target in self.unit.names:
            self.seen[target] = self.seen.get(target, 0) | self.state
        else:
            self.evaluate(target)
        self.evaluate(annotation)

    def _operands(self, node: int) -> list[int]:
        return [child for child in self.unit.children[node] if self.unit.role[child] != "operator"]

    def _definition(self, node: int) -> None:
        """Decorators and bases are evaluated before the name is bound."""
        self.may_raise()
        named = -1
        for child in self.unit.children[node]:
            if self.unit.label[child] == "DefinitionName":
                named = child
            else:
                self.evaluate(child)
        self.write(named)

    def _import(self, node: int) -> None:
        self.may_raise()
        for child in self.unit.children[node]:
            if child in self.unit.names:
                self.may_raise()
                self.write(child)

    def _delete(self, node: int) -> None:
        self.may_raise()
        self.evaluate(node)
        for child in self.unit.children[node]:
            if child in self.unit.names:
                self.state &= ~self.mask[self.unit.symbol_of[child]]

    def _return(self, node: int) -> None:
        self.may_raise()
        self.evaluate(node)
        self.returned, self.state = self.returned | self.state, 0

    def _raise(self, node: int) -> None:
        self.may_raise()
        self.evaluate(node)
        self.raised, self.state = self.raised | self.state, 0

    def _break(self, node: int) -> None:
        self.broken, self.state = self.broken | self.state, 0

    def _continue(self, node: int) -> None:
        self.continued, self.state = self.continued | self.state, 0

    def _assert(self, node: int) -> None:
        self.may_raise()
        held = self.state
        for child in self.unit.children[node]:
            self.evaluate(child)
            if self.unit.role[child] == "test":
                held = self.state
        self.raised |= self.state
        self.state = held

    def _if(self, node: int) -> None:
        self.may_raise()
        self._branches(node, self._body)

    def _body(self, node: int) -> None:
        """A block, or the ``if`` of an ``elif``."""
        if self.unit.label[node] == "Block":
            self.block(node)
        else:
            self.statement(node)

    def _while(self, node: int) -> None:
        unit = self.unit
        parts = {unit.role[child]: child for child in unit.children[node]}

        def once() -> int:
            self.may_raise()
            self.evaluate(parts["test"])
            over = self.state
            self.block(parts["body"])
            return over

        self._rounds(node, once, parts.get("orelse"))

    def _for(self, node: int) -> None:
        unit = self.unit
        parts = {unit.role[child]: child for child in unit.children[node]}
        self.may_raise()
        self.evaluate(parts["iter"])

        def once() -> int:
            over = self.state
            self.may_raise()
            self.store(parts["target"])
            self.block(parts["body"])
            return over

        self._rounds(node, once, parts.get("orelse"))

    def _rounds(self, node: int, once: Callable[[], int], orelse: int | None) -> None:
        left = self._loop(node, once)
        if orelse is not None:
            self.block(orelse)
        self.state |= left

    def _with(self, node: int) -> None:
        *items, body = self.unit.children[node]
        self._enter(items, body)

    def _enter(self, items: Sequence[int], body: int) -> None:
        if not items:
            self.block(body)
            return
        value, *target = self.unit.children[items[0]]
        self.may_raise()
        self.evaluate(value)
        saved = self._set_aside()
        for name in target:
            self.store(name)
        self._enter(items[1:], body)
        swallowed = self.raised
        self.raised |= self.state | self.returned | self.broken | self.continued  # leaving may itself raise
        self.state |= swallowed
        self._bring_back(saved)

    def _try(self, node: int) -> None:
        unit = self.unit
        body, *others = unit.children[node]
        final = others.pop() if others and unit.role[others[-1]] == "finalbody" else None
        around = self._set_aside() if final is not None else None
        outside, self.raised = self.raised, 0
        self.block(body)
        raised, self.raised = self.raised, outside
        for child in others:
            if unit.role[child] == "orelse":
                self.block(child)
        ends = self.state
        for child in others:
            if unit.role[child] == "handler":
                raised = self._handler(child, raised, isinstance(unit.tree[node], cst.TryStar))
                ends |= self.state
        self.raised |= raised
        self.state = ends
        if final is not None and around is not None:
            self._finally(final, around)

    def _handler(self, node: int, raised: int, star: bool) -> int:
        """Handle what was raised; returns what the next handler may see, which is nothing behind ``except:``."""
        unit = self.unit
        *header, body = unit.children[node]
        self.state = raised
        named = None
        for child in header:
            if unit.role[child] == "target":
                named = child
            elif self.state:
                self.may_raise()
                self.evaluate(child)
        unmatched = self.state if any(unit.role[child] == "value" for child in header) else 0
        saved = self._set_aside()
        if named is not None and self.state:
            self.write(named)
        self.block(body)
        if named is not None:
            keep = ~self.mask[unit.symbol_of[named]]
            self.state, self.raised, self.returned = self.state & keep, self.raised & keep, self.returned & keep
            self.broken, self.continued = self.broken & keep, self.continued & keep
        if star:  # the other handlers have their turn even so, and what was raised is raised behind the last of them
            unmatched |= self.state | self.raised
        self._bring_back(saved)
        return unmatched

    def _finally(self, node: int, around: tuple[int, int, int, int]) -> None:
        ways = [self.state, *self._set_aside()]
        self._bring_back(around)
        *_, self.state = accumulate(ways, or_)
        self.block(node)
        if not self.state:
            return
        added, kept = self._pass(node, 1), self._pass(node, self.everything)
        ways = [way and added | (way & kept) for way in ways]
        self.state = ways[0]
        self._bring_back((ways[1], ways[2], ways[3], ways[4]))

    def _pass(self, node: int, entry: int) -> int:
        """What leaves a ``finally`` by its end."""
        known = self.passes.get((node, entry))
        if known is None:
            known = self.passes[(node, entry)] = self._rehearse(entry, lambda: self.block(node))
        return known

    def _match(self, node: int) -> None:
        unit = self.unit
        subject, *cases = unit.children[node]
        self.may_raise()
        self.evaluate(subject)
        ends = 0
        for case in cases:
            before = self.state
            pattern, *_, body = unit.children[case]
            guards = [child for child in unit.children[case] if unit.role[child] == "test"]
            self.may_raise()
            self._capture(pattern)
            for guard in guards:
                self.may_raise()
                self.evaluate(guard)
            failed = self.state if guards else 0
            self.block(body)
            ends |= self.state
            self.state = failed if self._matches_all(pattern) else before | failed
        self.state |= ends

    def _matches_all(self, pattern: int) -> bool:
        unit = self.unit
        return unit.label[pattern] == "MatchAs" and not any(unit.role[c] == "pattern" for c in unit.children[pattern])


_STATEMENTS: dict[str, Callable[[Flow, int], None]] = {
    "Assignment": Flow._assignment,
    "AnnotatedAssignment": Flow._annotated,
    "FunctionStub": Flow._definition,
    "ClassStub": Flow._definition,
    "Import": Flow._import,
    "Delete": Flow._delete,
    "Return": Flow._return,
    "Raise": Flow._raise,
    "Break": Flow._break,
    "Continue": Flow._continue,
    "Assert": Flow._assert,
    "If": Flow._if,
    "While": Flow._while,
    "For": Flow._for,
    "With": Flow._with,
    "Try": Flow._try,
    "Match": Flow._match,
}
