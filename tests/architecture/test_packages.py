"""The explicit package list in pyproject.toml is the folders that hold Python files, and the data files they need are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

NOT_INSTALLED = {"tests", "benchmarks", "docs", ".ci"}


def test_the_package_list_is_the_folders(project: dict[str, Any], files: list[Path]) -> None:
    folders = {path.parent for path in files if path.suffix == ".py" and path.parts[0] not in NOT_INSTALLED}
    packages = project["tool"]["setuptools"]["packages"]
    assert sorted(packages) == sorted(".".join(["buglab", *folder.parts]) for folder in folders)


def test_every_package_says_in_one_docstring_what_it_is(root: Path, project: dict[str, Any]) -> None:
    for package in project["tool"]["setuptools"]["packages"]:
        init = root.joinpath(*package.split(".")[1:], "__init__.py")
        assert init.read_text(encoding="utf-8").startswith('"""'), f"{init} has no docstring"


def test_every_data_file_is_package_data(root: Path, project: dict[str, Any], files: list[Path]) -> None:
    """What sits in an installed folder and is not Python is listed, or it would be missing from the wheel."""
    setuptools = project["tool"]["setuptools"]
    shipped = {
        found.relative_to(root)
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for found in root.joinpath(*package.split(".")[1:]).glob(pattern)
    }
    installed = {package.split(".")[1] for package in setuptools["packages"] if "." in package}
    data = {path for path in files if path.parts[0] in installed and path.suffix != ".py"}
    assert data <= shipped


def test_only_the_package_itself_is_python_in_the_root(files: list[Path]) -> None:
    assert {str(path) for path in files if len(path.parts) == 1 and path.suffix == ".py"} <= {"__init__.py", "__main__.py"}
