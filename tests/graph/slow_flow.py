"""Reaching writes, slow and plain: a control-flow graph of single events, built from ``ast`` and iterated to a fixpoint.

It shares no code with ``graph/flow.py`` and is built the other way round: everything is built backwards, from what comes after
it; a ``finally`` is copied for every way that leads through it, as CPython's compiler does.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

Key = tuple[str, int]
"""A name and the comprehension or lambda it belongs to (0: the function)."""


@dataclass(frozen=True)
class Ways:
    """The events to which control goes when something is raised, returned, broken out of or continued."""

    raised: int
    returned: int
    broken: int
    continued: int


class SlowFlow:
    """``seen[node]`` is the set of nodes whose writes may reach a node that reads or writes a name."""

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.event: list[tuple[str, Key | None, object]] = []
        self.after: list[set[int]] = []
        self.scopes: list[tuple[int, set[str]]] = []
        end = self.add("end", None, None)
        parameters = function.args
        every = [*parameters.posonlyargs, *parameters.args, parameters.vararg, *parameters.kwonlyargs, parameters.kwarg]
        start = self.block(function.body, end, Ways(end, end, end, end))
        for arg in reversed([arg for arg in every if arg is not None]):
            start = self.add("write", (arg.arg, 0), arg, start)
        self.seen = self.fixpoint(start)

    def add(self, kind: str, key: Key | None, node: object, *after: int) -> int:
        self.event.append((kind, key, node))
        self.after.append(set(after))
        return len(self.event) - 1

    def fixpoint(self, start: int) -> dict[object, set[object]]:
        before: dict[int, set[tuple[Key, object]]] = {start: set()}
        waiting = [start]
        while waiting:
            here = waiting.pop()
            kind, key, node = self.event[here]
            out = before[here]
            if kind in ("write", "unbind"):
                out = {(k, n) for k, n in out if k != key}
                if kind == "write":
                    out.add((key, node))  # type: ignore[arg-type]
            for there in self.after[here]:
                if there not in before or not out <= before[there]:
                    before[there] = before.get(there, set()) | out
                    waiting.append(there)
        seen: dict[object, set[object]] = defaultdict(set)
        for here, writes in before.items():
            kind, key, node = self.event[here]
            if kind in ("read", "write"):
                seen[node] |= {n for k, n in writes if k == key}
        return seen

    def key(self, name: str) -> Key:
        return next(((name, number) for number, names in reversed(self.scopes) if name in names), (name, 0))

    # ---- expressions: ``then`` is the event that follows -----------------------------------------------------------

    def all(self, nodes: Sequence[ast.AST | None], then: int, ways: Ways) -> int:
        for node in reversed([node for node in nodes if node is not None]):
            then = self.expression(node, then, ways)
        return then

    def expression(self, node: ast.AST, then: int, ways: Ways) -> int:
        match node:
            case ast.Name():
                return self.add("read", self.key(node.id), node, then)
            case ast.NamedExpr():
                then = self.add("may raise", None, node, then, ways.raised)
                outside, self.scopes = self.scopes, [s for s in self.scopes if s[0] < 0]
                then = self.add("write", self.key(node.target.id), node.target, then)
                self.scopes = outside
                return self.expression(node.value, then, ways)
            case ast.IfExp():
                yes, no = self.expression(node.body, then, ways), self.expression(node.orelse, then, ways)
                return self.expression(node.test, self.add("either", None, node, yes, no), ways)
            case ast.BoolOp():  # flat: `a and b or c` and `a or b and c` have the same ways through them
                operands = self.flat(node)
                for operand in reversed(operands[1:]):
                    then = self.add("skip or not", None, node, self.expression(operand, then, ways), then)
                return self.expression(operands[0], then, ways)
            case ast.Compare():
                end = then
                for operand in reversed(node.comparators[1:]):
                    then = self.add("over or not", None, node, self.expression(operand, then, ways), end)
                return self.all([node.left, node.comparators[0]], then, ways)
            case ast.Lambda():
                arguments = node.args
                every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
                named = [arg for arg in every if arg is not None]
                inner = {x.target.id for x in ast.walk(node.body) if isinstance(x, ast.NamedExpr)}
                self.scopes.append((-len(self.event) - 1, {arg.arg for arg in named} | inner))
                then = self.expression(node.body, then, ways)
                for arg in reversed(named):
                    then = self.add("write", self.key(arg.arg), arg, then)
                self.scopes.pop()
                return self.all([*arguments.defaults, *arguments.kw_defaults], then, ways)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self.comprehension(node, [node.elt], then, ways)
            case ast.DictComp():
                return self.comprehension(node, [node.key, node.value], then, ways)
            case ast.Dict():
                pairs = [part for pair in zip(node.keys, node.values, strict=True) for part in pair]
                return self.all(pairs, then, ways)
            case _:
                return self.all(list(ast.iter_child_nodes(node)), then, ways)

    def flat(self, node: ast.AST) -> list[ast.AST]:
        """The operands of a chain of ``and`` and ``or``; no parentheses stand in the code that is tested."""
        return [x for v in node.values for x in self.flat(v)] if isinstance(node, ast.BoolOp) else [node]

    def comprehension(self, node: ast.AST, results: list[ast.AST], then: int, ways: Ways) -> int:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        names = {
            x.id for g in generators for x in ast.walk(g.target) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)
        }
        scope = (len(self.event) + 1, names)

        def level(at: int, then: int) -> int:
            if at == len(generators):
                return self.all(results, then, ways)
            generator = generators[at]
            head = self.add("next", None, generator, then)
            entry = level(at + 1, head)
            for test in reversed(generator.ifs):
                entry = self.expression(test, self.add("holds or not", None, test, entry, head), ways)
            self.after[head].add(self.target(generator.target, entry, ways))
            if at:
                return self.expression(generator.iter, head, ways)
            self.scopes.pop()
            entry = self.expression(generator.iter, head, ways)
            self.scopes.append(scope)
            return entry

        self.scopes.append(scope)
        entry = level(0, then)
        self.scopes.pop()
        return entry

    def target(self, node: ast.AST, then: int, ways: Ways) -> int:
        match node:
            case ast.Name():
                return self.add("write", self.key(node.id), node, then)
            case ast.Tuple() | ast.List():
                for element in reversed(node.elts):
                    then = self.target(element, then, ways)
                return then
            case ast.Starred():
                return self.target(node.value, then, ways)
            case _:
                return self.may_raise(self.expression(node, then, ways), ways)

    # ---- statements ------------------------------------------------------------------------------------------------

    def may_raise(self, then: int, ways: Ways) -> int:
        return self.add("may raise", None, None, then, ways.raised)

    def block(self, body: Sequence[ast.stmt], then: int, ways: Ways) -> int:
        for statement in reversed(body):
            then = self.statement(statement, then, ways)
        return then

    def statement(self, node: ast.stmt, then: int, ways: Ways) -> int:
        match node:
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                return then
            case ast.Break():
                return ways.broken
            case ast.Continue():
                return ways.continued
            case ast.Return():
                entry = self.all([node.value], ways.returned, ways)
            case ast.Raise():
                entry = self.all([node.exc, node.cause], ways.raised, ways)
            case ast.Assign():
                for target in reversed(node.targets):
                    then = self.target(target, then, ways)
                entry = self.expression(node.value, then, ways)
            case ast.AugAssign():
                entry = self.expression(node.value, self.target(node.target, then, ways), ways)
            case ast.AnnAssign(value=None, target=ast.Name() as name):
                entry = self.add("read", self.key(name.id), name, self.expression(node.annotation, then, ways))
            case ast.AnnAssign(value=None):
                entry = self.all([node.target, node.annotation], then, ways)
            case ast.AnnAssign():
                then = self.target(node.target, self.expression(node.annotation, then, ways), ways)
                entry = self.expression(node.value, then, ways)  # type: ignore[arg-type]
            case ast.Delete(targets=[ast.Name() as name]):
                entry = self.add("read", self.key(name.id), name, self.add("unbind", self.key(name.id), None, then))
            case ast.Assert():
                fails = self.all([node.msg], ways.raised, ways)
                entry = self.expression(node.test, self.add("holds or not", None, node, then, fails), ways)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                entry = self.add("write", self.key(node.name), node, then)
                if isinstance(node, ast.ClassDef):
                    entry = self.all([*node.bases, *(k.value for k in node.keywords)], entry, ways)
                entry = self.all(node.decorator_list, entry, ways)
            case ast.Import() | ast.ImportFrom():
                for alias in reversed(node.names):
                    name = alias.asname or alias.name.partition(".")[0]
                    if name != "*":
                        then = self.may_raise(self.add("write", self.key(name), alias, then), ways)
                entry = then
            case ast.If():
                yes, no = self.block(node.body, then, ways), self.block(node.orelse, then, ways)
                entry = self.expression(node.test, self.add("either", None, node, yes, no), ways)
            case ast.While():
                head = self.add("head", None, node)
                over = self.block(node.orelse, then, ways)
                body = self.block(node.body, head, replace(ways, broken=then, continued=head))
                test = self.expression(node.test, self.add("either", None, node, body, over), ways)
                self.after[head].add(self.may_raise(test, ways))
                return head
            case ast.For() | ast.AsyncFor():
                head = self.add("head", None, node, self.block(node.orelse, then, ways))
                body = self.block(node.body, head, replace(ways, broken=then, continued=head))
                self.after[head].add(self.may_raise(self.target(node.target, body, ways), ways))
                entry = self.expression(node.iter, head, ways)
            case ast.With() | ast.AsyncWith():
                return self.with_(node.items, node.body, then, ways)
            case ast.Try() | ast.TryStar():
                return self.try_(node, then, ways)
            case ast.Match():
                entry = self.expression(node.subject, self.cases(node.cases, then, ways), ways)
            case _:
                entry = self.all(list(ast.iter_child_nodes(node)), then, ways)
        return self.may_raise(entry, ways)

    def with_(self, items: list[ast.withitem], body: list[ast.stmt], then: int, ways: Ways) -> int:
        if not items:
            return self.block(body, then, ways)

        def leaving(to: int) -> int:
            return self.add("__exit__", None, None, to, ways.raised)

        swallow = self.add("__exit__", None, None, then, ways.raised)
        inner = Ways(swallow, leaving(ways.returned), leaving(ways.broken), leaving(ways.continued))
        entry = self.with_(items[1:], body, leaving(then), inner)
        if items[0].optional_vars is not None:
            entry = self.target(items[0].optional_vars, entry, inner)
        return self.may_raise(self.expression(items[0].context_expr, entry, ways), ways)

    def try_(self, node: ast.Try | ast.TryStar, then: int, ways: Ways) -> int:
        if node.finalbody:
            copies: dict[int, int] = {}

            def through(to: int) -> int:
                if to not in copies:
                    copies[to] = self.block(node.finalbody, to, outside)
                return copies[to]

            outside = ways
            ways = Ways(through(ways.raised), through(ways.returned), through(ways.broken), through(ways.continued))
            then = through(then)
        raised = ways.raised
        for handler in reversed(node.handlers):
            after, inner = then, ways
            if isinstance(node, ast.TryStar):  # the later handlers have their turn in any case
                after = self.add("next handler", None, handler, raised, then)
                inner = replace(ways, raised=self.add("next handler", None, handler, raised, ways.raised))
            if handler.name:
                key = self.key(handler.name)
                unbind = {to: self.add("unbind", key, None, to) for to in {after, *vars_of(inner)}}
                entry = self.block(handler.body, unbind[after], Ways(*(unbind[to] for to in vars_of(inner))))
                entry = self.add("write", key, handler, entry)
            else:
                entry = self.block(handler.body, after, inner)
            if handler.type is not None:
                matches = self.add("matches or not", None, handler, entry, raised)
                raised = self.may_raise(self.expression(handler.type, matches, ways), ways)
            else:
                raised = entry
        entry = self.block(node.orelse, then, ways)
        return self.block(node.body, entry, replace(ways, raised=raised))

    def cases(self, cases: list[ast.match_case], then: int, ways: Ways) -> int:
        following = then
        for case in reversed(cases):
            body = self.block(case.body, then, ways)
            if case.guard is not None:
                body = self.add("holds or not", None, case, body, following)
                body = self.may_raise(self.expression(case.guard, body, ways), ways)
            bound, read = [], []
            for node in ast.walk(case.pattern):
                if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                    bound.append((node.name, node))
                elif isinstance(node, ast.MatchMapping) and node.rest:
                    bound.append((node.rest, node))
                elif isinstance(node, ast.Name):
                    read.append(node)
            for name, pattern in sorted(bound, key=lambda b: b[1].end_col_offset or 0, reverse=True):
                body = self.add("write", self.key(name), pattern, body)
            sure = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            entry = body if sure else self.add("matches or not", None, case, body, following)
            for name_node in read:
                entry = self.expression(name_node, entry, ways)
            following = self.may_raise(entry, ways)
        return following


def vars_of(ways: Ways) -> tuple[int, int, int, int]:
    return ways.raised, ways.returned, ways.broken, ways.continued
