"""Which folders with a held-out name are copies, and which are another package's own part."""

from __future__ import annotations

import pytest

from buglab.data import heldout
from buglab.data.heldout import Guard
from buglab.data.layouts import Tree

LAYOUTS = heldout.layouts()
OWN = ["learn/__init__.py", *(f"learn/datasets/{name}.py" for name in ("__init__", "_base", "iris", "utils"))]
COPY = ["learn/__init__.py", *(f"learn/datasets/{name}.py" for name in ("__init__", "arrow_dataset", "builder", "features"))]


def test_every_held_out_name_has_a_layout(guard: Guard) -> None:
    names = {".".join(name) for name in guard.imports}
    assert names - set(LAYOUTS) == {"pkg_resources"}  # no longer shipped by its project
    assert {name for name, below in LAYOUTS.items() if not below} == {"peewee"}


def test_parts_of_other_packages_are_passed_but_stay_suspect(guard: Guard) -> None:
    tree = Tree(OWN, guard, LAYOUTS)
    assert not any(map(tree.holds, OWN))
    assert [path for path in OWN if tree.suspects(path)] == OWN[1:]
    backend = ["queue/__init__.py", "queue/redis.py"]
    assert not Tree(backend, guard, LAYOUTS).holds(backend[1])


@pytest.mark.parametrize(
    "paths",
    [
        COPY,
        [path.removeprefix("learn/") for path in OWN],
        [path for path in OWN if path != "learn/__init__.py"],
        [path.replace("learn/", "learn/_vendor/") for path in OWN],
        ["learn/_vendor/__init__.py", *(path.replace("learn/", "learn/_vendor/inner/") for path in OWN)],
        ["learn/lib/__init__.py", "learn/lib/datasets/__init__.py", "learn/lib/datasets/iris.py"],
        ["learn/__init__.py", "learn/peewee.py"],
        ["learn/__init__.py", "learn/pkg_resources/new.py"],
        ["learn/__init__.py", "learn/requests-2.31.0/new.py"],
        ["learn/__init__.py", "learn/zc/__init__.py", "learn/zc/buildout/new.py"],
    ],
    ids=["layout", "root", "no package", "vendored", "deeper in vendored", "lib", "module", "no layout", "version", "dotted"],
)
def test_copies_are_held(guard: Guard, paths: list[str]) -> None:
    tree = Tree(paths, guard, LAYOUTS)
    assert tree.holds(paths[-1])


def test_a_renamed_module_among_many_does_not_hide_a_copy(guard: Guard) -> None:
    """Every layout, with its own names and as many others, is recognised in any package."""
    for name, below in LAYOUTS.items():
        own = sorted(below - {"__init__"})
        if len(own) < 8:
            continue
        root = f"app/{name}" if "." not in name else f"app/{name.replace('.', '/')}"
        paths = ["app/__init__.py", *(f"{root}/{part}.py" for part in own), *(f"{root}/new{i}.py" for i in range(len(own)))]
        assert Tree(paths, guard, LAYOUTS).holds(paths[-1]), name


def test_one_known_function_drops_a_suspect_file() -> None:
    guard = Guard.parse("", fingerprints=[1])
    units = [("function", 50, number) for number in (1, 2, 3, 4)]
    assert guard.knows(units) == [True, False, False, False]
    assert guard.knows(units, suspect=True) == [True] * 4
    assert guard.knows(units[1:], suspect=True) == [False] * 3
