"""The tool as a process: exit codes, closed pipes, Ctrl-C, hostile folders, quick starts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from .conftest import TEXT, command

TRAP = "import os\nos.write(2, b'EXE' b'CUTED')\nraise SystemExit(99)\n"
SCRIPTS = Path(sysconfig.get_paths()["scripts"])


def test_python_m_gives_the_same_codes(project: Path, model: Path) -> None:
    given = ["scan", "--model", str(model), "--min-confidence", "0"]
    assert command(*given, cwd=project).returncode == 1
    assert command(*given, "--select", "BL401", cwd=project).returncode == 0
    assert command(*given, "absent.py", cwd=project).returncode == 2
    assert command("--version", cwd=project).stdout.startswith(b"buglab 0.")
    assert command("scna", cwd=project).stderr.endswith(b"no command is called 'scna'; did you mean 'scan'?\n")
    assert command("scan", "--help", cwd=project).returncode == 0


@pytest.mark.parametrize("name", ["buglab", "bug-scan"])
def test_installed_commands(project: Path, name: str) -> None:
    ran = subprocess.run([SCRIPTS / name, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(f"{name} 0.")


def test_bug_scan_is_buglab_scan(project: Path, model: Path) -> None:
    ran = subprocess.run(
        [SCRIPTS / "bug-scan", "--model", model, "--min-confidence", "0", "--output-format", "json"],
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, len(json.loads(ran.stdout))) == (1, 1)


def test_a_repository_cannot_make_the_scanner_run_its_code(project: Path, model: Path) -> None:
    for name in (
        "torch",
        "click",
        "numpy",
        "libcst",
        "json",
        "sitecustomize",
        "usercustomize",
        "mod2",
        "multiprocessing",
        "rewrites",
        "conftest",
        "setup",
    ):
        (project / f"{name}.py").write_text(TRAP, encoding="utf-8")
    for name in ("models", "conf", "scan", "data", "safetensors"):
        (project / name).mkdir()
        (project / name / "__init__.py").write_text(TRAP, encoding="utf-8")
    given = ["scan", "--model", str(model), "--min-confidence", "0", "--output-format", "json"]
    for jobs in ("1", "2"):
        ran = command(*given, "--jobs", jobs, cwd=project)
        assert b"EXECUTED" not in ran.stderr + ran.stdout
        assert ran.returncode == 1
        assert "mod.py" in {entry["filename"] for entry in json.loads(ran.stdout)}


def test_spawned_workers_do_not_import_what_they_scan(project: Path, model: Path) -> None:
    """Where processes cannot be forked, a new interpreter starts in the folder that is scanned."""
    for name in ("pickle", "multiprocessing", "socket", "numpy"):
        (project / f"{name}.py").write_text(TRAP, encoding="utf-8")
    program = (
        "import sys\nfrom buglab.scan import pool\n"
        "class Elsewhere:\n    platform = 'darwin'\n"
        "pool.sys = Elsewhere\n"
        "from buglab.cli.main import group\n"
        f"given = ['--model', {str(model)!r}, '--min-confidence', '0', '--jobs', '2', '--select', 'BL1,BL5']\n"
        "if __name__ == '__main__':\n    group.main(['scan', *given])\n"
    )
    script = project.parent / "elsewhere" / "start.py"
    script.parent.mkdir()
    script.write_text(program, encoding="utf-8")
    for name in "abc":
        (project / f"{name}.py").write_text(TEXT * 900, encoding="utf-8")
    ran = subprocess.run([sys.executable, script], cwd=project, capture_output=True, check=False, timeout=300)
    assert b"EXECUTED" not in ran.stderr + ran.stdout
    assert (ran.returncode, b"findings in 4 of 8 files" in ran.stderr) == (1, True), ran.stderr


def test_quiet_on_a_closed_pipe(project: Path, model: Path) -> None:
    for number in range(40):
        (project / f"m{number}.py").write_text(TEXT * 20, encoding="utf-8")
    reader, writer = os.pipe()
    given = ["scan", "--model", str(model), "--min-confidence", "0", "-q"]
    process = subprocess.Popen([sys.executable, "-m", "buglab", *given], cwd=project, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    os.read(reader, 10)
    os.close(reader)
    _, stderr = process.communicate(timeout=120)
    assert stderr == b""


def test_interrupted_is_130_without_a_traceback(project: Path, model: Path) -> None:
    for number in range(60):
        shutil.copy(Path(sysconfig.get_paths()["stdlib"]) / "argparse.py", project / f"m{number}.py")
    given = ["scan", "--model", str(model), "--min-confidence", "0", "-v", "--output-format", "concise"]
    process = subprocess.Popen(
        [sys.executable, "-m", "buglab", *given],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
    deadline = time.monotonic() + 20
    while _group_alive(process.pid):
        assert time.monotonic() < deadline, "a worker outlived the scan"
        time.sleep(0.05)


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_names_that_are_no_text_and_terminals_without_unicode(project: Path, model: Path) -> None:
    odd = project / os.fsdecode(b"caf\xe9.py")
    odd.write_text(TEXT.replace("pick", "größe"), encoding="utf-8")
    given = ["scan", "--model", str(model), "--min-confidence", "0", "--output-format"]
    for name in ("json", "full"):
        ran = command(*given, name, cwd=project, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
        assert ran.returncode == 1, ran.stderr
        assert b"Traceback" not in ran.stderr
    found = json.loads(command(*given, "json", cwd=project).stdout)
    assert [entry["function"] for entry in found] == ["größe", "pick"]


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["rules"], ["rule", "BL101"], ["scan", "--help"], ["scan", "--version"]]
)
def test_what_only_prints_imports_nothing_heavy(project: Path, arguments: list[str]) -> None:
    heavy = ("numpy", "libcst", "torch", "onnxruntime", "safetensors", "rich", "pathspec", "msgspec")
    program = (
        "import sys\nfrom buglab.cli.main import main\n"
        f"sys.argv = ['buglab', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_an_error_inside_is_2_with_a_sentence(project: Path, model: Path) -> None:
    program = (
        "from buglab.cli import scan\nfrom buglab.scan import files\n"
        "def broken(*arguments):\n    raise RuntimeError('boom')\n"
        "files.find_files = broken\nscan.scan.main(prog_name='bug-scan', args=['.'])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("buglab: an error inside buglab, please report it (RuntimeError: boom)")
    assert "Traceback" not in ran.stderr
