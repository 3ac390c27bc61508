"""The modules that a file reaches through its imports, and what its names mean in them.

The standard library and installed packages are no part of it on purpose: they differ between versions and machines, and the
same text must give the same graph everywhere.  A project is asked module by module; it never looks for more than is named.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from .outline import EMPTY, MAX_CHARACTERS, ClassOutline, Outline, Parameter, Signature, outline

MAX_STEPS = 8
"""Re-exports followed for one name, and base classes of one class."""

MAX_MODULES = 256
"""Modules, there or not, that one file may ask for."""

MAX_REACHED = 8 * MAX_CHARACTERS
"""Bytes of the modules that one file may reach; what leads further is unknown."""

MAX_KEPT = 8 * MAX_CHARACTERS
"""Characters of the texts whose outlines are kept at once."""

MAX_NAMES = 1 << 14
"""Modules and files of which a folder remembers where they are and what is in them."""


def digest(data: bytes) -> bytes:
    """What stands for a content."""
    return blake2b(data, digest_size=16).digest()


class Outlines:
    """Outlines by content, each made once; those that were not asked for longest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, tuple[Outline, int]] = OrderedDict()
        self._characters = 0

    def get(self, key: bytes) -> Outline | None:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        return None

    def of(self, text: str, key: bytes = b"") -> Outline:
        """The outline of a text; ``key`` is the digest of its bytes, those in UTF-8 unless it is given."""
        key = key or digest(text.encode("utf-8", "surrogatepass"))
        known = self.get(key)
        if known is None:
            known = outline(text)
            self._kept[key] = known, len(text)
            self._characters += len(text)
            while self._characters > MAX_KEPT and len(self._kept) > 1:
                self._characters -= self._kept.popitem(last=False)[1][1]
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
    project: Reach | None = None

    def find(self, dotted: str, steps: int = MAX_STEPS) -> Signature | Class | str | None:
        """What a dotted name stands for at module level: a function, a class, the text of a constant; None if unknown."""
        name, _, rest = dotted.partition(".")
        if self.project is not None:
            self.project.note(self.name, name)
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


class Reached(NamedTuple):
    """A module that a file asked for."""

    module: Module
    content: bytes
    """digest of its bytes"""


class Reach:
    """What one file reaches of its project, each module as it was when it was first asked for, and what it asked there."""

    def __init__(self, folder: Folder, base: str) -> None:
        self.folder, self.base = folder, base
        self.modules: dict[str, Reached | None] = {}
        """by dotted name; None where the project has none"""
        self.asked: dict[str, set[str]] = {}
        """module -> names that were looked up in it"""
        self._left = MAX_REACHED

    def module(self, name: str) -> Module | None:
        if name not in self.modules:
            if len(self.modules) >= MAX_MODULES:
                return None
            self.modules[name] = self._find(name)
        found = self.modules[name]
        return None if found is None else found.module

    def outline(self, text: str) -> Outline:
        """The outline of the file itself."""
        return self.folder.outlines.of(text)

    def note(self, module: str, name: str) -> None:
        self.asked.setdefault(module, set()).add(name)

    def _find(self, name: str) -> Reached | None:
        found = self.folder.find(name, self.base)
        if found is None:
            return None
        content = self.folder.content(found.path)
        self._left -= content.size
        content, known = self.folder.outline(found.path) if self._left >= 0 else (content, EMPTY)
        return Reached(Module(name, known, found.is_package, self), content.digest)


class Around(NamedTuple):
    """Where a file stands in its project."""

    project: Reach | None = None
    module: str = ""
    """its dotted name"""
    is_package: bool = False


ALONE = Around()


class Found(NamedTuple):
    """The file that a module is."""

    path: str
    is_package: bool


class Content(NamedTuple):
    """What was in a file."""

    digest: bytes
    size: int


class Folder:
    """A tree of files as projects: one for each folder that the imports of its files start from.

    ``has`` says whether there is a file at a path (relative, with ``/``); ``read`` gives its bytes, none where it has too many
    or cannot be read; ``decode`` makes text of them, none where they are no text.  A folder remembers where modules are and
    what their files hold: whoever needs to see changes asks a new one, which may share ``outlines``.
    """

    def __init__(
        self,
        has: Callable[[str], bool],
        read: Callable[[str], bytes],
        decode: Callable[[bytes], str],
        outlines: Outlines | None = None,
    ) -> None:
        self._has, self._read, self._decode = lru_cache(MAX_NAMES)(has), read, decode
        self.outlines = Outlines() if outlines is None else outlines
        self.find = lru_cache(MAX_NAMES)(self._find)
        self._contents: OrderedDict[str, Content] = OrderedDict()

    def around(self, path: str) -> Around:
        """Packages are folders with an ``__init__.py``; imports start above the outermost, at the top, or in ``src``."""
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        inside = len(folders)
        while inside and self._has("/".join([*folders[:inside], "__init__.py"])):
            inside -= 1
        is_package = stem == "__init__"
        module = ".".join(folders[inside:] + [stem] * (not is_package))
        return Around(Reach(self, "/".join(folders[:inside])), module, is_package)

    def _find(self, name: str, base: str) -> Found | None:
        """The file of a module whose import starts in the folder ``base``."""
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for start in dict.fromkeys((base, "", "src")):
            here = "/".join([start, *parts] if start else parts)
            for found in (Found(f"{here}/__init__.py", True), Found(f"{here}.py", False)):
                if self._has(found.path):
                    return found
        return None

    def content(self, path: str) -> Content:
        """What is in the file at ``path``."""
        return self._contents[path] if path in self._contents else self._load(path)[0]

    def outline(self, path: str) -> tuple[Content, Outline]:
        """The outline of the file at ``path``, and the content that it is of."""
        content = self._contents.get(path)
        known = None if content is None else self.outlines.get(content.digest)
        if content is not None and known is not None:
            return content, known
        content, data = self._load(path)
        return content, self.outlines.of(self._decode(data), content.digest)

    def _load(self, path: str) -> tuple[Content, bytes]:
        data = self._read(path)
        content = self._contents[path] = Content(digest(data), len(data))
        if len(self._contents) > MAX_NAMES:
            self._contents.popitem(last=False)
        return content, data
