"""What a module offers to others, from one parse with ``ast``: signatures, classes, imports, constants.  Nothing is executed.

``ast`` reads some 250,000 lines a second where LibCST reads 25,000.  What the running Python cannot parse has no outline.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_CHARACTERS = 1_000_000
"""Longer texts (tables, generated code) have no outline."""

MAX_TEXT = 24
"""Characters of a default or constant that are shown; longer ones are `...`."""

_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "orelse", "finalbody", "handlers"),
    ast.TryStar: ("body", "orelse", "finalbody", "handlers"),
}
"""compound statement -> its parts, in the order in which they are read"""
_TARGETS = {ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter that a caller may fill."""

    name: str
    default: str
    """its text, empty where a value must be given"""
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """What a caller sees of a function."""

    parameters: tuple[Parameter, ...]
    """those with a name of their own: neither ``*args`` nor ``**kwargs``"""
    returns: str
    """the name that most of its ``return`` statements give back, else empty"""
    receiver: str = ""
    """name of the first parameter where the object fills it, which is none of ``parameters``"""


@dataclass(frozen=True, slots=True)
class ClassOutline:
    """What a class offers."""

    bases: tuple[str, ...]
    """dotted names, as written"""
    methods: dict[str, Signature] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    """methods, class variables and what is stored on the object anywhere in the class, in order of the text"""
    fields: Signature | None = None
    """the constructor that a dataclass or named tuple is given"""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a module offers."""

    functions: dict[str, Signature] = field(default_factory=dict)
    classes: dict[str, ClassOutline] = field(default_factory=dict)
    imports: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """name bound anywhere at module level -> (dots, module, name in it or empty)"""
    constants: dict[str, str] = field(default_factory=dict)
    """name bound once, to a literal -> its text"""

    def about(self, name: str) -> tuple[object, ...]:
        """All that ``name`` can mean here; the same ``repr`` says the same."""
        places = (self.functions, self.classes, self.imports, self.constants)
        return *(place.get(name) for place in places), self.imports.get("*")


EMPTY = Outline()


def outline(text: str) -> Outline:
    """The outline of a module's text; empty where it is too long or no Python."""
    if len(text) > MAX_CHARACTERS:
        return EMPTY
    found = Outline()
    bound: dict[str, int] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        _statements(tree.body, found, bound)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return EMPTY
    for name, times in bound.items():
        if times > 1:
            found.constants.pop(name, None)
    return found


def _statements(body: Iterable[ast.stmt], found: Outline, bound: dict[str, int]) -> None:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.functions.setdefault(node.name, signature(node))
                bound[node.name] = bound.get(node.name, 0) + 1
            case ast.ClassDef():
                found.classes.setdefault(node.name, _class(node))
                bound[node.name] = bound.get(node.name, 0) + 1
            case ast.Import():
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found.imports.setdefault(name, (0, alias.name if alias.asname else name, ""))
            case ast.ImportFrom():
                for alias in node.names:
                    found.imports.setdefault(alias.asname or alias.name, (node.level, node.module or "", alias.name))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                bound[name] = bound.get(name, 0) + 1
                if node.value is not None and (shown := literal(node.value)):
                    found.constants.setdefault(name, shown)
            case ast.If() | ast.For() | ast.While() | ast.Try() | ast.With():
                _statements(_inside(node), found, bound)
            case _:
                for part in ast.walk(node):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        bound[part.id] = 2


def _inside(node: ast.AST) -> list[ast.stmt]:
    """The statements of a compound statement, those of handlers last."""
    found: list[ast.stmt] = []
    for part in _BLOCKS.get(type(node), ()):
        if part == "handlers":
            found += [statement for handler in node.handlers for statement in handler.body]  # type: ignore[attr-defined]
        else:
            found += getattr(node, part)
    return found


def signature(node: FunctionNode, in_class: bool = False) -> Signature:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    found = [_parameter(arg, value) for arg, value in zip(plain, [*defaults, *arguments.defaults], strict=True)]
    found += [_parameter(arg, value, True) for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    marks = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    bound = in_class and bool(plain) and "staticmethod" not in marks
    receiver = plain[0].arg if bound and "classmethod" not in marks else ""
    return Signature(tuple(found[bound:]), _returned(node.body), receiver)


def _parameter(arg: ast.arg, default: ast.expr | None, keyword_only: bool = False) -> Parameter:
    return Parameter(arg.arg, "" if default is None else literal(default) or "...", keyword_only)


def _returned(body: list[ast.stmt]) -> str:
    """The name that is returned most often, of two the first."""
    names: dict[str, int] = {}
    waiting = body[::-1]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is ast.Return:
            value = node.value  # type: ignore[attr-defined]
            name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
            if name:
                names[name] = names.get(name, 0) + 1
        elif kind in _BLOCKS:
            waiting += _inside(node)[::-1]
    return max(names, key=lambda name: names[name]) if names else ""


def _class(node: ast.ClassDef) -> ClassOutline:
    methods: dict[str, Signature] = {}
    members: dict[str, None] = {}
    fields: list[Parameter] = []
    for part in node.body:
        match part:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                methods.setdefault(part.name, signature(part, True))
                members[part.name] = None
                if part.args.args:
                    _stored(part, part.args.args[0].arg, members)
            case ast.AnnAssign(target=ast.Name(id=name)):
                members[name] = None
                if "ClassVar" not in ast.dump(part.annotation):
                    fields.append(Parameter(name, "" if part.value is None else literal(part.value) or "..."))
            case ast.Assign():
                members.update((target.id, None) for target in part.targets if isinstance(target, ast.Name))
    bases = tuple(name for base in node.bases if (name := dotted(base)))
    made = any((dotted(d.func if isinstance(d, ast.Call) else d) or "").endswith("dataclass") for d in node.decorator_list)
    made = made or any(base.rpartition(".")[2] == "NamedTuple" for base in bases)
    return ClassOutline(bases, methods, tuple(members), Signature(tuple(fields), "") if made else None)


def _stored(function: FunctionNode, receiver: str, members: dict[str, None]) -> None:
    """What the statements of a method store on its object."""
    waiting = function.body[::-1]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        targets: list[ast.expr] = []
        if kind is ast.Assign or kind is ast.Delete:
            targets = node.targets[:]  # type: ignore[attr-defined]
        elif kind in _BLOCKS:
            waiting += _inside(node)[::-1]
        if kind in _TARGETS:
            targets = [node.target]  # type: ignore[attr-defined]
        while targets:
            target = targets.pop(0)
            if isinstance(target, ast.Tuple | ast.List):
                targets[:0] = target.elts
            elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == receiver:
                members[target.attr] = None


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name or attribute, empty for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def literal(node: ast.expr) -> str:
    """The text of a number, string, True, False, None or small tuple of them; empty for anything else."""
    match node:
        case ast.Constant(value=value):
            text = value if isinstance(value, str) else repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
            text = f"-{value!r}"
        case ast.Tuple(elts=elements) if len(elements) <= 3:
            inner = [literal(element) for element in elements]
            text = f"({', '.join(inner)})" if all(inner) else ""
        case _:
            return ""
    return text if len(text) <= MAX_TEXT else ""
