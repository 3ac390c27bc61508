"""The modules that a file reaches through its imports, and what its names mean in them.

The standard library and installed packages are no part of it on purpose: they differ between versions and machines, and the
same text must give the same graph everywhere.  A project is asked module by module; it never looks for more than is named.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from .outline import EMPTY, ClassOutline, Outline, Parameter, Signature, outline

MAX_MODULES = 1024
"""Outlines kept at once; the one that was not asked for longest goes first."""

MAX_STEPS = 8
"""Re-exports followed for one name, and base classes of one class."""


@dataclass(frozen=True, slots=True)
class ModuleText:
    """What is read of a module."""

    text: str
    is_package: bool


Read = Callable[[str], ModuleText | None]
"""The text of the module with this dotted name, or None where the project has none; it must always answer the same."""


class Project:
    """Outlines of modules by dotted name, each parsed when it is first asked for."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: OrderedDict[str, Module | None] = OrderedDict()
        self._outlines: OrderedDict[bytes, Outline] = OrderedDict()

    def module(self, name: str) -> Module | None:
        if name in self._known:
            self._known.move_to_end(name)
            return self._known[name]
        found = self._read(name)
        module = None if found is None else Module(name, self.outline(found.text), found.is_package, self)
        self._known[name] = module
        if len(self._known) > MAX_MODULES:
            self._known.popitem(last=False)
        return module

    def outline(self, text: str) -> Outline:
        """The outline of a text, made once for a file and for those that import it."""
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        known = self._outlines.get(key)
        if known is None:
            known = self._outlines[key] = outline(text)
            if len(self._outlines) > MAX_MODULES:
                self._outlines.popitem(last=False)
        return known


@dataclass(frozen=True, slots=True)
class Class:
    """A class and the module it stands in, where its bases are looked up."""

    outline: ClassOutline
    module: Module

    def lineage(self) -> Iterator[ClassOutline]:
        """The class and its known bases, depth first, each once."""
        waiting, seen = [self], 0
        while waiting and seen < MAX_STEPS:
            here = waiting.pop(0)
            seen += 1
            yield here.outline
            bases = (here.module.find(base) for base in here.outline.bases)
            waiting[:0] = [base for base in bases if isinstance(base, Class) and base.outline is not here.outline]

    def method(self, name: str, *, inherited: bool = False) -> Signature | None:
        """A method by name, of the class itself unless it must be ``inherited``."""
        for position, offered in enumerate(self.lineage()):
            if name in offered.methods and not (inherited and not position):
                return offered.methods[name]
            if name == "__init__" and offered.fields is not None:
                return offered.fields
        return None


@dataclass(frozen=True, slots=True)
class Module:
    """One module of a project, or a file alone (``project`` is None)."""

    name: str
    outline: Outline
    is_package: bool = False
    project: Project | None = None

    def find(self, dotted: str, steps: int = MAX_STEPS) -> Signature | Class | str | None:
        """What a dotted name stands for at module level: a function, a class, the text of a constant; None if unknown."""
        name, _, rest = dotted.partition(".")
        here = self.outline
        if name in here.functions:
            return None if rest else here.functions[name]
        if name in here.classes:
            return self._in_class(Class(here.classes[name], self), rest)
        if name in here.constants:
            return None if rest else here.constants[name]
        if name in here.imports and steps:
            return self._imported(*here.imports[name], rest, steps - 1)
        if "*" in here.imports and steps:
            dots, module, _ = here.imports["*"]
            return self._imported(dots, module, name, rest, steps - 1)
        return None

    def _in_class(self, found: Class, rest: str) -> Signature | Class | None:
        if not rest:
            return found
        method = None if "." in rest else found.method(rest)
        if method is not None and method.receiver:  # Base.__init__(self, ...)
            return replace(method, parameters=(Parameter(method.receiver, ""), *method.parameters), receiver="")
        return method

    def _imported(self, dots: int, module: str, name: str, rest: str, steps: int) -> Signature | Class | str | None:
        """``from ..module import name``, or ``import module`` where name is empty; ``rest`` is looked up in it."""
        if self.project is None:
            return None
        if dots:
            parts = self.name.split(".")
            keep = len(parts) - dots + self.is_package
            if keep < 0 or not self.name:
                return None
            module = ".".join([*parts[:keep], *([module] if module else [])])
        path = [part for part in (name, *rest.split(".")) if part]
        while path:
            found = self.project.module(module)
            if found is None:
                return None
            if found.outline is not EMPTY and (meant := found.find(".".join(path), steps)) is not None:
                return meant
            module, path = f"{module}.{path[0]}" if module else path[0], path[1:]
        return None


@dataclass(frozen=True, slots=True)
class Around:
    """Where a file stands in its project."""

    project: Project | None = None
    module: str = ""
    """its dotted name"""
    is_package: bool = False


ALONE = Around()


class Folder:
    """A tree of files as projects: one for each folder that the imports of its files start from.

    ``has`` says whether there is a file at a path (relative, with ``/``); ``read`` gives its text, or None.
    """

    def __init__(self, has: Callable[[str], bool], read: Callable[[str], str | None]) -> None:
        self._has, self._read = has, read
        self._projects: dict[str, Project] = {}

    def around(self, path: str) -> Around:
        """Packages are folders with an ``__init__.py``; imports start above the outermost, at the top, or in ``src``."""
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        inside = len(folders)
        while inside and self._has("/".join([*folders[:inside], "__init__.py"])):
            inside -= 1
        base = "/".join(folders[:inside])
        if base not in self._projects:
            self._projects[base] = Project(lambda module: self._module(module, base))
        is_package = stem == "__init__"
        return Around(self._projects[base], ".".join(folders[inside:] + [stem] * (not is_package)), is_package)

    def _module(self, name: str, base: str) -> ModuleText | None:
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for start in dict.fromkeys((base, "", "src")):
            here = "/".join([start, *parts] if start else parts)
            for path, is_package in ((f"{here}/__init__.py", True), (f"{here}.py", False)):
                if self._has(path) and (text := self._read(path)) is not None:
                    return ModuleText(text, is_package)
        return None
