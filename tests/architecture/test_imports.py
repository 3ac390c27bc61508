"""Imports run one way, and each folder imports only what it may: the scanner starts without torch, the core does no IO."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

Modules = dict[Path, ast.Module]

MAY_IMPORT = {
    "rewrites": set(),
    "graph": {"rewrites"},
    "models": {"rewrites", "graph"},
    "selector": {"rewrites", "graph", "models"},
    "detector": {"rewrites", "graph", "models"},
    "data": {"rewrites", "graph"},
    "train": {"rewrites", "graph", "models", "selector", "detector", "data"},
    "scan": {"rewrites", "graph"},
    "serve": {"scan"},
    "conf": set(),
    "cli": {"rewrites", "graph", "models", "selector", "detector", "data", "train", "scan", "serve"},
}
EXCEPTIONS = {("train", "scan.runtime"), ("train", "scan.features"), ("train", "scan.reliability")}
"""An export is checked against the runtime that will read it; what the scanner makes confidences of is made there alone."""

SCANNER_LIBRARIES = {"click", "libcst", "msgspec", "numpy", "pathspec", "platformdirs", "rich", "safetensors"}
THIRD_PARTY = {
    "rewrites": {"libcst"},
    "graph": {"libcst", "numpy"},
    "scan": SCANNER_LIBRARIES | {"lsprotocol", "pygls"},  # these in the extra `lsp`, for the server alone
    "serve": {"fastapi", "starlette", "pydantic", "prometheus_client", "uvicorn"},
    "models": {"torch", "torch_geometric", "numpy"},
    "selector": {"torch", "numpy"},
    "detector": {"torch", "numpy"},
}
"""Folders that are not named here may import what they need."""

IO = {"os", "pathlib", "shutil", "subprocess", "tempfile", "socket", "urllib", "http", "sqlite3", "logging", "glob"}
PURE = ("rewrites", "graph", "models", "selector", "detector")


def imported(path: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import anywhere in the file; our own names start at the root: `buglab.graph.schema`."""
    package = ["buglab", *path.parent.parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = [*start, *(node.module.split(".") if node.module else [])]
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)


def test_every_folder_has_its_place_in_the_order(modules: Modules) -> None:
    assert {path.parts[0] for path in modules if len(path.parts) > 1} == set(MAY_IMPORT)


def test_imports_between_folders_run_one_way(modules: Modules) -> None:
    wrong = []
    for path, tree in modules.items():
        if len(path.parts) == 1:
            continue
        folder = path.parts[0]
        for line, name in imported(path, tree):
            parts = name.split(".")
            if parts[0] != "buglab" or len(parts) < 2 or parts[1] not in MAY_IMPORT or parts[1] == folder:
                continue
            if parts[1] not in MAY_IMPORT[folder] and (folder, ".".join(parts[1:3])) not in EXCEPTIONS:
                wrong.append(f"{path}:{line} imports {name}")
    assert not wrong


def test_imports_between_folders_are_relative(modules: Modules) -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "buglab")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "buglab" for alias in node.names))
    ]
    assert not wrong


@pytest.mark.parametrize("folder", sorted(THIRD_PARTY))
def test_third_party_imports_are_the_allowed_ones(modules: Modules, folder: str) -> None:
    allowed = THIRD_PARTY[folder] | {"buglab"} | sys.stdlib_module_names
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in modules.items()
        if path.parts[0] == folder
        for line, name in imported(path, tree)
        if name.split(".")[0] not in allowed
    ]
    assert not wrong


def test_base_dependencies_are_the_scanners_libraries(project: dict[str, dict[str, list[str]]]) -> None:
    named = {requirement.split(">=")[0].strip() for requirement in project["project"]["dependencies"]}
    assert named == SCANNER_LIBRARIES


@pytest.mark.parametrize("folder", PURE)
def test_the_core_does_no_io(modules: Modules, folder: str) -> None:
    wrong = []
    for path, tree in modules.items():
        if path.parts[0] != folder:
            continue
        wrong += [f"{path}:{line} imports {name}" for line, name in imported(path, tree) if name.split(".")[0] in IO]
        wrong += [
            f"{path}:{node.lineno} calls {node.func.id}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input")
        ]
    assert not wrong


def test_commands_import_training_on_call(modules: Modules) -> None:
    """At module level a command may know the scanner, whose own modules start light; everything else comes on call."""
    allowed = {"click"} | sys.stdlib_module_names
    wrong = []
    for path, tree in modules.items():
        if path.parts[0] != "cli":
            continue
        top = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
        for line, name in imported(path, top):
            parts = name.split(".")
            if parts[0] not in allowed and not (parts[0] == "buglab" and (len(parts) == 2 or parts[1] in ("cli", "scan"))):
                wrong.append(f"{path}:{line} imports {name}")
    assert not wrong
