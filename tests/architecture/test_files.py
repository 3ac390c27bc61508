"""What no file of the repository may hold: another machine's paths, pickles, too many lines."""

from __future__ import annotations

import ast
import re
from pathlib import Path

MOST_LINES = 350
MACHINE_PATH = re.compile(r"(?<![\w.}~-])/(?:work|root|home|Users|opt|tmp|mnt|scratch)/\w")
PICKLES = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}


def test_no_path_of_one_machine(root: Path, files: list[Path]) -> None:
    wrong = []
    for path in files:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:  # weights, pictures
            continue
        wrong += [f"{path}:{row} {line.strip()}" for row, line in enumerate(text.splitlines(), 1) if MACHINE_PATH.search(line)]
    assert not wrong


def test_files_stay_small(root: Path, files: list[Path]) -> None:
    lines = {str(path): (root / path).read_bytes().count(b"\n") for path in files if path.suffix == ".py"}
    assert not {path: count for path, count in lines.items() if count > MOST_LINES}


def test_nothing_is_pickled(modules: dict[Path, ast.Module]) -> None:
    wrong = []
    for path, tree in modules.items():
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    used = {alias.name.split(".")[0] for alias in names} & PICKLES
                case ast.ImportFrom(module=str(module), level=0):
                    used = {module.split(".")[0]} & PICKLES
                case ast.Attribute(value=ast.Name(id="torch"), attr="save" | "load" as name):
                    used = {f"torch.{name}"}
                case ast.keyword(arg="allow_pickle", value=ast.Constant(value=True)):
                    used = {"allow_pickle=True"}
                case _:
                    continue
            wrong += [f"{path} uses {name}" for name in used]
    assert not wrong
