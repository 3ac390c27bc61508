"""What real fixes' files import is read from the same commit."""

from __future__ import annotations

from buglab.data.mining.git import Repository
from buglab.data.mining.pairs import pairs
from buglab.data.mining.record import Fix
from buglab.data.mining.tree import tree
from buglab.rewrites.outline import EMPTY
from buglab.rewrites.project import ALONE, Around, Outlines

from .conftest import History

USE = "from .tools import add\n\ndef run(a, b):\n    return add(a, b)\n"


def parameters(around: Around, module: str, name: str) -> list[str]:
    assert around.project is not None
    there = around.project.module(module)
    assert there is not None
    return [parameter.name for parameter in there.outline.functions[name].parameters]


def test_each_side_of_a_fix_sees_its_own_commit(history: History) -> None:
    history.commit(
        "begin", {"pkg/__init__.py": "", "pkg/use.py": USE.format("add", "add"), "pkg/tools.py": "def add(x, y): pass\n"}
    )
    commit = history.commit(
        "Fix", {"pkg/use.py": USE.format("add", "add") + "\n", "pkg/tools.py": "def add(left, right): pass\n"}
    )
    repository = Repository.open(history.path)
    fix = Fix(repository.project, commit, "pkg/use.py", "run", "BL101", 4, 1)
    repositories = {repository.project.lower(): repository}
    for pair in pairs([fix], repositories):
        before, after = pair.around
        assert (before.module, after.module) == ("pkg.use", "pkg.use")
        assert parameters(before, "pkg.tools", "add") == ["x", "y"]
        assert parameters(after, "pkg.tools", "add") == ["left", "right"]
    (alone,) = pairs([fix], repositories, context=False)
    assert alone.around == (ALONE, ALONE)


def test_what_is_no_file_is_no_module_and_damages_nothing(history: History) -> None:
    commit = history.commit("begin", {"a.py/b.py": "x = 1\n", "c.py": "def f(:\n", "d.py": "\0", "e.py": "def f(x): pass\n"})
    with Repository.open(history.path).objects() as objects:
        around = tree(objects, commit, Outlines()).around("use.py")
        assert around.project is not None
        assert [around.project.module(name) for name in ("a", "missing", "a b", "")] == [None] * 4
        broken = [around.project.module(name) for name in ("c", "d")]
        assert [module and module.outline for module in broken] == [EMPTY, EMPTY]
        assert parameters(around, "e", "f") == ["x"]
