"""States on their way through the expressions of a unit; see ``flow.py`` for what they are and which ways there are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from ..rewrites.unit import STORE, Unit

_COMPREHENSIONS = {"ListComp", "SetComp", "DictComp", "GeneratorExp"}


class Evaluation:
    """The state here, the states in which control left, and what every name token has seen."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
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
        self.stop = unit.stop
        self.winding = _winding(unit)

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

    def _loop(self, node: int, once: Callable[[], int]) -> int:
        """``once`` runs a round from its head to its end and returns the state in which the loop is over.

        Returns the states in which it was broken out of.
        """
        if not self.state:
            return 0

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
        return left

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


def _winding(unit: Unit) -> set[int]:
    """The nodes that hold something whose order of evaluation is not that of the text."""
    found: set[int] = set()
    if "Walrus" in unit.label or "Generator" in unit.label:
        for node, label in enumerate(unit.label):
            if label == "Walrus" or label == "Generator":
                while node > 0 and node not in found:
                    found.add(node)
                    node = unit.parent[node]
    return found
