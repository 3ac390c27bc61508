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

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import or_

import libcst as cst

from ..rewrites.unit import STORE, Unit

MAX_WRITES = 3
"""Writes kept for one read of a symbol: the latest in the text."""

MOST_WRITES = 4096
"""A unit with more (a generated table) is read as if it had no branches."""

_NO_EFFECT = {"Pass", "Declaration"}
_COMPREHENSIONS = {"ListComp", "SetComp", "DictComp", "GeneratorExp"}


class Flow:
    """The reaching writes of one unit, and which of its blocks are never run through to their end."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.closed: set[int] = set()
        """blocks that always end by leaving: ``return``, ``raise``, ``break``, ``continue``"""
        self.tokens = sorted(unit.symbol_of)
        self.order = [token for token in self.tokens if unit.names[token].use == STORE]
        self.bit = {token: 2 << at for at, token in enumerate(self.order)}
        self.mask = [0] * len(unit.symbols)
        """symbol -> its writes"""
        for token, bit in self.bit.items():
            self.mask[unit.symbol_of[token]] |= bit
        self.everything = (2 << len(self.order)) - 1
        self.seen: dict[int, int] = {}
        self.ends: dict[int, tuple[int, ...]] = {0: ()}
        self.state, self.raised, self.returned, self.broken, self.continued = 1, 0, 0, 0, 0
        self.backs: dict[int, int] = {}
        self.passes: dict[tuple[int, int], int] = {}
        self._measure()
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
        known = self.ends.get(bits)
        if known is None:
            rest = bits
            found: list[int] = []
            while rest and len(found) < MAX_WRITES:
                at = rest.bit_length() - 1
                found.append(self.order[at - 1])
                rest ^= 1 << at
            known = self.ends[bits] = tuple(reversed(found))
        return known

    def _in_order(self) -> None:
        """One write at a time, as it comes in the text: states of that many bits would fill the memory."""
        unit, last = self.unit, [0] * len(self.unit.symbols)
        self.order, self.mask = list(range(1, len(unit.label))), [-1] * len(unit.symbols)
        self.seen, self.ends = {}, {0: ()}

        def done(token: int) -> int:
            """A write is done where its assignment ends."""
            node = token
            while token in self.bit and node and unit.label[node] != "Assignment":
                node = unit.parent[node]
            return self.stop[node] - 1 if node else token

        for token in sorted(self.tokens, key=lambda token: (done(token), -token)):
            symbol = unit.symbol_of[token]
            self.seen[token] = last[symbol]
            if token in self.bit:
                self.ends[token] = (token,)
                last[symbol] = token

    def _measure(self) -> None:
        """Where each subtree ends, and which hold something whose order of evaluation is not that of the text."""
        unit = self.unit
        self.stop = list(range(1, len(unit.label) + 1))
        for node in range(len(unit.label) - 1, -1, -1):
            if family := unit.children[node]:
                self.stop[node] = self.stop[family[-1]]
        self.winding: set[int] = set()
        for node, label in enumerate(unit.label):
            if label == "Walrus" or label == "Generator":
                while node > 0 and node not in self.winding:
                    self.winding.add(node)
                    node = unit.parent[node]

    # ---- points ------------------------------------------------------------------------------------------------------

    def may_raise(self) -> None:
        self.raised |= self.state

    def write(self, token: int) -> None:
        self.seen[token] = self.seen.get(token, 0) | self.state
        if self.state:
            self.state = self.state & ~self.mask[self.unit.symbol_of[token]] | self.bit[token]

    def _set_aside(self) -> tuple[int, int, int, int]:
        """Begin to collect the ways out anew; returns those collected so far."""
        saved = self.raised, self.returned, self.broken, self.continued
        self.raised = self.returned = self.broken = self.continued = 0
        return saved

    def _bring_back(self, saved: tuple[int, int, int, int]) -> None:
        self.raised |= saved[0]
        self.returned |= saved[1]
        self.broken |= saved[2]
        self.continued |= saved[3]

    def _rehearse(self, entry: int, run: Callable[[], object]) -> int:
        """What would reach the end if ``entry`` came in; nothing else is kept of it."""
        saved, state, seen = self._set_aside(), self.state, self.seen
        self.state, self.seen = entry, {}
        run()
        end = self.state
        self.state, self.seen = state, seen
        self.raised, self.returned, self.broken, self.continued = saved
        return end

    # ---- expressions -------------------------------------------------------------------------------------------------

    def evaluate(self, node: int) -> None:
        unit = self.unit
        if node not in self.winding:
            tokens, seen, state, names = self.tokens, self.seen, self.state, unit.names
            stop = self.stop[node]
            for at in range(bisect_left(tokens, node), len(tokens)):
                token = tokens[at]
                if token >= stop:
                    break
                seen[token] = seen.get(token, 0) | state
                if names[token].use == STORE and state:  # a parameter of a lambda
                    state = state & ~self.mask[unit.symbol_of[token]] | self.bit[token]
            self.state = state
            return
        kind, family = unit.label[node], unit.children[node]
        if kind == "Walrus":
            self.evaluate(family[-1])
            self.write(family[0])
            self.may_raise()
        elif kind == "Conditional":
            self._branches(node, self.evaluate)
        elif kind in ("BooleanChain", "Comparison"):
            self._chain(node, always=1 if kind == "BooleanChain" else 2)
        elif kind in _COMPREHENSIONS:
            self._generator(family[-1], family[:-1])
        else:
            for child in family:
                self.evaluate(child)

    def _chain(self, node: int, always: int) -> None:
        """``a and b or c`` may go from any operand to the next but one; ``a < b < c`` may end after any but the first two."""
        unit, number, skipped = self.unit, 0, 0
        for child in unit.children[node]:
            if unit.role[child] == "operand":
                number += 1
                before = self.state
                self.evaluate(child)
                if number > always:
                    if always == 1:
                        self.state |= before
                    else:
                        skipped |= before
        self.state |= skipped

    def _generator(self, node: int, results: Sequence[int]) -> None:
        unit = self.unit
        target, source, *rest = unit.children[node]
        self.evaluate(source)

        def once() -> int:
            over = self.state
            self.store(target)
            for child in rest:
                if unit.label[child] == "Generator":
                    self._generator(child, results)
                elif unit.role[child] == "test":
                    self.evaluate(child)
                    self.continued |= self.state
            if not rest or unit.label[rest[-1]] != "Generator":
                for child in results:
                    self.evaluate(child)
            return over

        self._loop(node, once)

    def store(self, node: int) -> None:
        unit = self.unit
        if unit.label[node] in ("Tuple", "List", "Starred"):
            for child in unit.children[node]:
                self.store(child)
        elif node in unit.names:
            self.write(node)
        else:
            self.may_raise()
            self.evaluate(node)

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

    def _branches(self, node: int, run: Callable[[int], None]) -> None:
        unit = self.unit
        parts = {unit.role[child]: child for child in unit.children[node]}
        self.evaluate(parts["test"])
        before = self.state
        run(parts["body"])
        after, self.state = self.state, before
        if "orelse" in parts:
            run(parts["orelse"])
        self.state |= after

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

        self._loop(node, once, parts.get("orelse"))

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

        self._loop(node, once, parts.get("orelse"))

    def _loop(self, node: int, once: Callable[[], int], orelse: int | None = None) -> None:
        """``once`` runs a round from its head to its end and returns the state in which the loop is over."""
        if not self.state:
            return

        def round_trip() -> None:
            once()
            self.state |= self.continued

        back = self.backs.get(node)
        if back is None:
            back = self.backs[node] = self._rehearse(1, round_trip)
        self.state |= back
        saved = self.broken, self.continued
        self.broken = self.continued = 0
        self.state = once()
        left, (self.broken, self.continued) = self.broken, saved
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

    def _capture(self, node: int) -> None:
        """Names are read as the pattern is tried, and bound when it has matched."""
        bound = []
        tokens = self.tokens
        for at in range(bisect_left(tokens, node), bisect_left(tokens, self.stop[node])):
            token = tokens[at]
            if token in self.bit:
                bound.append(token)
            else:
                self.seen[token] = self.seen.get(token, 0) | self.state
        for token in bound:
            self.write(token)

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
