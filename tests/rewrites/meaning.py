"""Normal forms of syntax trees: two texts that differ by rewritings that keep the meaning have the same.

Written against ``ast`` alone and without a look at the transformations, each function undoes one kind of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Step = Callable[[ast.Module], ast.Module]
Function = ast.FunctionDef | ast.AsyncFunctionDef
MIRROR = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
OWN_MIRROR = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
NEGATION = {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def normal(text: str, *steps: Step) -> str:
    tree = ast.parse(text)
    for step in steps:
        tree = step(tree)
    return ast.dump(tree)


def same(tree: ast.Module) -> ast.Module:
    return tree


def without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef | ast.Module):
            match node.body:
                case [ast.Expr(ast.Constant(str())), *rest]:
                    node.body = rest or ([] if isinstance(node, ast.Module) else [ast.Pass()])
    return tree


def without_annotations(tree: ast.Module) -> ast.Module:
    """Those of class bodies and of the module stay, and those without a value."""

    class Stripped(ast.NodeTransformer):
        inside = False

        def visit_FunctionDef(self, node: Function) -> Function:
            saved, self.inside = self.inside, True
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            for argument in filter(None, every):
                argument.annotation = None
            node.returns = None
            self.generic_visit(node)
            self.inside = saved
            return node

        visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

        def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
            saved, self.inside = self.inside, False
            self.generic_visit(node)
            self.inside = saved
            return node

        def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
            self.generic_visit(node)
            return ast.Assign([node.target], node.value) if self.inside and node.value else node

    return Stripped().visit(tree)


def without_negations(tree: ast.Module) -> ast.Module:
    """No condition of an ``if`` with an ``else`` is negated."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.If) or not node.orelse:
            continue
        while True:
            match node.test:
                case ast.UnaryOp(ast.Not(), inner):
                    node.test = inner
                case ast.Compare(left, [ast.IsNot() | ast.NotIn() as operator], right):
                    node.test = ast.Compare(left, [NEGATION[type(operator)]()], right)
                case _:
                    break
            node.body, node.orelse = node.orelse, node.body
    return tree


def in_any_order(first: ast.expr, second: ast.expr) -> bool:
    """Whether it cannot matter which of two expressions is evaluated first."""

    def constant(node: ast.expr) -> bool:
        return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))

    return constant(first) or constant(second) or (isinstance(first, ast.Name) and isinstance(second, ast.Name))


def unmirrored(tree: ast.Module) -> ast.Module:
    """Comparisons whose sides may be exchanged have the side first whose dump sorts first."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left, [operator], [right]) if in_any_order(left, right):
                kind = type(operator)
                if ast.dump(right) < ast.dump(left) and (kind in MIRROR or kind in OWN_MIRROR):
                    node.left, node.ops, node.comparators = right, [MIRROR.get(kind, kind)()], [left]
    return tree


def sorted_keywords(tree: ast.Module) -> ast.Module:
    """Keyword arguments are in alphabetical order, as far as the order of evaluation allows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            rest, ordered = list(node.keywords), []
            while rest:
                movable = [
                    i
                    for i, one in enumerate(rest)
                    if all(one.arg and other.arg and in_any_order(one.value, other.value) for other in rest[:i])
                ]
                ordered.append(rest.pop(min(movable, key=lambda i: rest[i].arg or "")))
            node.keywords = ordered
    return tree


def alpha(tree: ast.Module) -> ast.Module:
    """Local variables, but no parameters, imports and definitions, are numbered in the order in which they are bound."""

    class Numbered(ast.NodeTransformer):
        def __init__(self) -> None:
            self.seen: dict[str, str] = {}
            self.scopes = 0

        def enter(self, bound: list[str], kept: set[str], outside: set[str], parts: list[ast.AST]) -> None:
            """Visit the inside of a scope that binds ``bound``, ``kept`` under their own names."""
            saved, self.scopes = dict(self.seen), self.scopes + 1
            for number, name in enumerate(dict.fromkeys(bound)):
                if name not in outside:
                    self.seen[name] = name if name in kept else f"<{self.scopes}.{number}>"
            for part in parts:
                self.visit(part)
            self.seen = saved

        def visit_FunctionDef(self, node: Function | ast.Lambda) -> ast.AST:
            body = node.body if isinstance(node.body, list) else [node.body]
            arguments = node.args
            for part in (*getattr(node, "decorator_list", []), *filter(None, arguments.kw_defaults), *arguments.defaults):
                self.visit(part)
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            names = [one.arg for one in every if one]
            for annotation in filter(None, [*(one.annotation for one in every if one), getattr(node, "returns", None)]):
                self.visit(annotation)
            bound, kept, outside = bindings(body)
            self.enter([*names, *kept, *bound], {*names, *kept}, outside, body)
            return node

        visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef  # noqa: N815

        def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
            for part in (*node.decorator_list, *node.bases, *node.keywords):
                self.visit(part)
            bound, kept, outside = bindings(node.body)
            self.enter([*bound, *kept], {*bound, *kept}, outside, node.body)
            return node

        def visit_ListComp(self, node: ast.AST) -> ast.AST:
            first, *others = node.generators
            self.visit(first.iter)
            targets = [name for each in node.generators for name in bindings([each.target])[0]]
            parts = [first.target, *first.ifs]
            for each in others:
                parts += [each.target, each.iter, *each.ifs]
            parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            self.enter(targets, set(), set(), parts)
            return node

        visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

        def visit_Name(self, node: ast.Name) -> ast.AST:
            node.id = self.seen.get(node.id, node.id)
            return node

        def bare(self, node: ast.AST, field: str) -> ast.AST:
            name = getattr(node, field)
            setattr(node, field, self.seen.get(name, name))
            self.generic_visit(node)
            return node

        def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
            return self.bare(node, "name")

        visit_MatchAs = visit_MatchStar = visit_ExceptHandler  # noqa: N815

        def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
            return self.bare(node, "rest")

    return Numbered().visit(tree)


def bindings(body: list[ast.AST]) -> tuple[list[str], set[str], set[str]]:
    """The names that a scope binds: variables in order, imports and definitions, those declared to be of other scopes."""
    variables: list[str] = []
    kept: set[str] = set()
    outside: set[str] = set()
    for node in own(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                variables.append(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                variables.append(name)
            case ast.MatchMapping(rest=str(name)):
                variables.append(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                kept.add(name)
            case ast.alias(name=name, asname=asname):
                kept.add(asname or name.partition(".")[0])
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outside.update(names)
    return [name for name in variables if name not in kept], kept, outside


def own(nodes: list[ast.AST], walrus_only: bool = False) -> Iterator[ast.AST]:
    """The nodes of one scope in order; of comprehensions what ``:=`` binds around them, and what is evaluated outside."""
    for node in nodes:
        if isinstance(node, COMPREHENSIONS):
            first = node.generators[0].iter
            yield from own([first], walrus_only)
            yield from own(list(ast.iter_child_nodes(node)), True)
        elif isinstance(node, Function | ast.ClassDef | ast.Lambda):
            if not walrus_only:
                yield node
        elif isinstance(node, ast.NamedExpr):
            yield node.target
            yield from own([node.value], walrus_only)
        else:
            if not walrus_only:
                yield node
            yield from own(list(ast.iter_child_nodes(node)), walrus_only)
