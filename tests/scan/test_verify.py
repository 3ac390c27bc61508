"""Repairs on trial: a small project, its real tests, real pytest runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buglab.scan.errors import CannotScan
from buglab.scan.files import File
from buglab.scan.finding import Finding, Fix, Location, Replacement, Severity
from buglab.scan.suite import WHOLE, Suite
from buglab.scan.throwaway import Tree
from buglab.scan.verification import Verdict, Verification
from buglab.scan.verify import Candidate, verify

from .repository import Repository

CODE = """\
def area(width, height):
    return width * width


def double(value):
    return value * 2


def unused(value):
    return value + 1
"""
TESTS = """\
import os
import pathlib

from shapes.plane import area, double


def test_area():
    assert area(2, 3) == 6


def test_double():
    pathlib.Path("trace").write_text(os.getcwd())
    assert double(2) == 4


def test_always_fails():
    assert False
"""
PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider"


@pytest.fixture(autouse=True)
def no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """They cost more than the tests."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Its package is found through PYTHONPATH alone, as with an install in place."""
    folder = tmp_path / "project"
    for name, text in {
        "pyproject.toml": "[tool.pytest.ini_options]\n",
        "src/shapes/__init__.py": "",
        "src/shapes/plane.py": CODE,
        "tests/test_plane.py": TESTS,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def candidate(project: Path, old: str, new: str) -> Candidate:
    """The repair of the only place where ``old`` stands."""
    path = project / "src" / "shapes" / "plane.py"
    text = path.read_text(encoding="utf-8")
    at = text.index(old)
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    start, end = Location(row, column), Location(row, column + len(old))
    fix = Fix("", (Replacement(new, start, end),))
    finding = Finding("BL101", "", "plane.py", "f", start, end, "", 0.9, 1.0, Severity.WARNING, fix=fix)
    return Candidate(File(path, "plane.py", "plane.py", data=path.read_bytes()), finding)


def trials(project: Path, *repairs: tuple[str, str], command: str = PYTEST, timeout: float = 60) -> list[Verification]:
    suite = Suite(command, project, project, timeout)
    return verify([candidate(project, old, new) for old, new in repairs], suite, 2, lambda sentence: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_verdicts_groups_and_an_untouched_tree(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(project / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]))
    before = contents(project)
    found = trials(
        project,
        ("width * width", "width * height"),
        ("width * width", "height * width"),
        ("value * 2", "value ** 2"),
        ("value * 2", "value * 3"),
        ("value + 1", "value - 1"),
    )
    assert [one.verdict for one in found] == ["confirmed", "confirmed", "neutral", "refuted", "neutral"]
    assert [one.group for one in found] == [1, 1, 2, 3, 2]
    assert found[0].fixed == ("tests.test_plane::test_area",)
    assert found[0].reason == "with the repair tests.test_plane::test_area passes that failed"
    assert found[3].broken == ("tests.test_plane::test_double",)
    assert found[2].reason == "no test tells the difference"
    assert contents(project) == before


def test_exit_codes_of_other_commands(project: Path) -> None:
    checks = "import sys; sys.path[:0] = ['src']; from shapes.plane import area; assert area(2, 3) == 6"
    (project / "check.py").write_text(checks, encoding="utf-8")
    found = trials(project, ("width * width", "width * height"), ("value + 1", "value"), command=f"{sys.executable} check.py")
    assert [(one.verdict, one.fixed) for one in found] == [(Verdict.CONFIRMED, (WHOLE,)), (Verdict.NEUTRAL, ())]


def test_what_the_tests_never_import_is_said(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package comes from another folder than the tree."""
    (tmp_path / "elsewhere" / "shapes").mkdir(parents=True)
    (tmp_path / "elsewhere" / "shapes" / "plane.py").write_text(CODE, encoding="utf-8")
    (project / "helper.py").write_text("from shapes.plane import area\n", encoding="utf-8")
    (project / "check.py").write_text("import helper\nassert helper.area(2, 3) == 6\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    (found,) = trials(project, ("width * width", "width * height"), command=f"{sys.executable} check.py")
    assert (found.verdict, found.reason) == (
        Verdict.NEUTRAL,
        "the tests never imported the repaired file from the copy of the tree",
    )


def test_repairs_that_never_end_are_refuted_and_leave_no_process(project: Path, tmp_path: Path) -> None:
    child = tmp_path / "child"
    (project / "check.sh").write_text(
        f"if grep -q 'value [*] 3' src/shapes/plane.py; then sleep 600 & echo $! > {child}; wait; fi\n", encoding="utf-8"
    )
    (found,) = trials(project, ("value * 2", "value * 3"), command="sh check.sh", timeout=4)
    assert (found.verdict, found.reason) == (Verdict.REFUTED, "with the repair the tests did not end within 4 s")
    status = Path("/proc") / child.read_text().strip() / "stat"
    deadline = time.monotonic() + 10
    while status.exists() and " Z " not in status.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (f"{sys.executable} -m pytest --no-such-flag", r"cannot be run in a copy of .* \(exit code 4\):\n"),
        (f"{sys.executable} -m pytest absent", r"\(exit code 4\)"),
        ("no-such-program -q", "there is no program 'no-such-program'"),
        ("", "needs a command that runs the tests"),
        ("pytest 'x", "cannot be read"),
        ("sleep 600", "did not end within 1 s; give them longer with --verify-timeout"),
    ],
)
def test_tests_that_cannot_be_run_are_told(project: Path, command: str, sentence: str) -> None:
    with pytest.raises(CannotScan, match=sentence):
        trials(project, ("value + 1", "value"), command=command, timeout=1 if command.startswith("sleep") else 60)


def test_what_is_copied(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "tree")
    repository.write(".gitignore", "*.log\n_version.py\n*.so\nbuild/\n")
    for name in (
        "a.py",
        "pkg/_version.py",
        "pkg/fast.so",
        "out.log",
        "build/x.py",
        "tracked.log",
        ".venv/pyvenv.cfg",
        "env/a.py",
    ):
        repository.write(name, "x")
    repository.write("env/pyvenv.cfg", "")
    repository.git("add", "-f", "a.py", "tracked.log")
    repository.write("untracked.txt", "x")
    (repository.folder / "out").symlink_to(tmp_path)
    (repository.folder / "in").symlink_to(repository.folder / "pkg")
    tree = Tree.of(repository.folder)
    assert set(tree.names) == {
        ".gitignore",
        "a.py",
        "pkg/_version.py",
        "pkg/fast.so",
        "tracked.log",
        "untracked.txt",
        "out",
        "in",
    }
    with tree.copied() as scratch:
        assert scratch.top.name == "tree"
        assert (scratch.top / "in").resolve() == scratch.top / "pkg"
        assert (scratch.top / "out").resolve() == tmp_path.resolve()
        (scratch.top / "in" / "fast.so").write_text("changed")
        folder = scratch.folder
    assert not folder.exists()
    assert (repository.folder / "pkg" / "fast.so").read_text() == "x"


def test_a_virtual_environment_in_the_tree_is_used_where_it_is_and_its_installs_in_place_lead_into_the_copy(
    project: Path,
) -> None:
    """Both kinds: a path in a .pth file, and the finder that setuptools writes."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (site,) = project.glob(".venv/lib/python*/site-packages")
    (site / "a.pth").write_text(f"{project / 'src'}\nimport __editable___shapes_finder\n", encoding="utf-8")
    (site / "__editable___shapes_finder.py").write_text(
        f"MAPPING = {{'shapes': {str(project / 'src' / 'shapes')!r}}}\nNAMESPACES = {{'ns': [{str(project / 'src')!r}]}}\n",
        encoding="utf-8",
    )
    (site / "sitecustomize.py").write_text("import builtins\nbuiltins.theirs = True\n", encoding="utf-8")
    (project / "check.py").write_text(
        "import os, sys\nimport shapes.plane, __editable___shapes_finder as finder\nhere = os.getcwd()\n"
        f"assert sys.prefix == {str(project / '.venv')!r}, sys.prefix\n"
        "assert shapes.plane.__file__.startswith(here), shapes.plane.__file__\n"
        "assert finder.MAPPING['shapes'].startswith(here), finder.MAPPING\n"
        "assert finder.NAMESPACES['ns'][0].startswith(here), finder.NAMESPACES\n"
        "assert theirs\nopen('trace', 'w')\n",
        encoding="utf-8",
    )
    suite = Suite(".venv/bin/python check.py", project, project, 60)
    with Tree.of(project).copied() as scratch:
        assert suite.run(scratch).passed == {WHOLE: True}, (scratch.folder / "output.txt").read_text()
        assert (scratch.top / "trace").exists()
    assert not (project / "trace").exists()
