"""Which writes a name token may see, along control flow.

A forward pass over the skeleton in order of evaluation keeps, for every symbol, the writes that may have happened last.
Branches are joined, loop bodies are passed twice, handlers start from anything the tried block may have done.  At most
MAX_WRITES are kept for each symbol, the latest in the text.
"""

from __future__ import annotations

from ..rewrites.unit import STORE, Unit

MAX_WRITES = 3

State = dict[int, tuple[int, ...]]
Reaching = dict[int, State]
"""name token -> symbol -> writes that may reach it"""

_VALUE_FIRST = {"Assignment", "AnnotatedAssignment", "Walrus"}


def reaching_writes(unit: Unit, wanted: dict[int, list[int]]) -> Reaching:
    """For every token of ``wanted``, the writes reaching it of each of its symbols."""
    found: Reaching = {}
    state: State = {}
    label, children, names, symbol_of = unit.label, unit.children, unit.names, unit.symbol_of

    def run(node: int) -> None:
        nonlocal state
        kind = label[node]
        family = children[node]
        if not family:
            if node in wanted:
                found[node] = {symbol: state.get(symbol, ()) for symbol in wanted[node]}
            name = names.get(node)
            if name is not None and name.use == STORE:
                state[symbol_of[node]] = (node,)
        elif kind in ("If", "Conditional"):
            branches(node)
        elif kind in ("For", "While"):
            loop(node)
        elif kind == "Try":
            attempt(node)
        elif kind == "Match":
            run(family[0])
            before = state
            after: State = dict(state)
            for case in family[1:]:
                state = dict(before)
                run(case)
                after = join(after, state)
            state = after
        elif kind in _VALUE_FIRST or kind in ("ListComp", "SetComp", "DictComp", "GeneratorExp"):
            for child in (*family[-1:], *family[:-1]):
                run(child)
        elif kind == "Generator":
            for child in (family[1], family[0], *family[2:]):
                run(child)
        else:
            for child in family:
                run(child)

    def branches(node: int) -> None:
        nonlocal state
        by_role = {unit.role[child]: child for child in children[node]}
        for child in children[node]:
            if unit.role[child] in ("negation", "test"):
                run(child)
        before = state
        state = dict(before)
        run(by_role["body"])
        after = state
        state = dict(before)
        if "orelse" in by_role:
            run(by_role["orelse"])
        state = join(after, state)

    def loop(node: int) -> None:
        nonlocal state
        parts = {unit.role[child]: child for child in children[node]}
        if "iter" in parts:
            run(parts["iter"])
        before = state
        for _ in range(2):
            state = dict(state)
            for child in children[node]:
                if unit.role[child] in ("target", "negation", "test", "body"):
                    run(child)
            state = join(before, state)
        if "orelse" in parts:
            run(parts["orelse"])

    def attempt(node: int) -> None:
        nonlocal state
        before = state
        state = dict(state)
        body, *others = children[node]
        run(body)
        raised = join(before, state)
        done = state
        final = None
        for child in others:
            if unit.role[child] == "orelse":
                state = dict(done)
                run(child)
                done = state
        ends = [done]
        for child in others:
            if unit.role[child] == "handler":
                state = dict(raised)
                run(child)
                ends.append(state)
            elif unit.role[child] == "finalbody":
                final = child
        state = ends[0]
        for end in ends[1:]:
            state = join(state, end)
        if final is not None:
            run(final)

    run(0)
    return found


def join(one: State, other: State) -> State:
    """What may have been written last when either path was taken."""
    joined = dict(one)
    for symbol, writes in other.items():
        mine = joined.get(symbol)
        if mine is None:
            joined[symbol] = writes
        elif mine != writes:
            joined[symbol] = tuple(sorted({*mine, *writes})[-MAX_WRITES:])
    return joined
