"""One run of a project's tests in a copy of its tree, and what came of it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from .errors import CannotScan
from .throwaway import Scratch

WHOLE = "the command"
"""The name of the only test there is where only the exit code is known."""

USABLE = (0, 1, 2)
"""Exit codes with which pytest has run tests, or tried to collect them."""

TAIL = 2_000
"""Characters of output quoted when the tests cannot be run."""

SHIM = '''\
"""Lets Python import the project from the copy of its tree, wherever it was installed from in place."""

import atexit
import os
import sys

FROM, TO = os.environ["BUGLAB_VERIFY_FROM"], os.environ["BUGLAB_VERIFY_TO"]
FILE, NOTES = os.environ["BUGLAB_VERIFY_FILE"], os.environ["BUGLAB_VERIFY_NOTES"]


def moved(path):
    if isinstance(path, str) and (path == FROM or path.startswith(FROM + os.sep)) and os.path.exists(TO + path[len(FROM):]):
        return TO + path[len(FROM):]
    return path


def note(name):
    open(os.path.join(NOTES, name), "w").close()


@atexit.register
def note_what_was_imported():
    if any(os.path.realpath(getattr(module, "__file__", None) or "") == FILE for module in list(sys.modules.values())):
        note("imported")


note("began")
sys.path[:] = [moved(path) for path in sys.path if path != os.path.dirname(__file__)]
for name, module in list(sys.modules.items()):
    if name.startswith("__editable__"):  # what setuptools installs in place
        for key, value in getattr(module, "MAPPING", {}).items():
            module.MAPPING[key] = moved(value)
        for key, values in getattr(module, "NAMESPACES", {}).items():
            module.NAMESPACES[key] = [moved(value) for value in values]
del sys.modules["sitecustomize"]
try:
    import sitecustomize  # the one that this one stands before
except ImportError:
    pass
'''


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run said: whether each test passed, or that the run did not end in time."""

    passed: Mapping[str, bool]
    in_time: bool = True
    loaded: bool | None = None
    """whether Python imported the repaired file; None where that cannot be known"""
    seconds: float = 0.0


@dataclass(slots=True)
class Suite:
    """A command that runs the tests of the project at ``top`` from the folder ``here``."""

    command: str
    top: Path
    here: Path
    timeout_s: float
    _running: set[int] = field(default_factory=set)
    """process groups"""
    _stopped: bool = False

    def __post_init__(self) -> None:
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise CannotScan(f"the command {self.command!r} cannot be read ({error})") from None
        if not words:
            raise CannotScan("--verify needs a command that runs the tests, as in --verify 'pytest -q'")
        if shutil.which(words[0]) is None and not (self.here / words[0]).is_file():
            raise CannotScan(f"there is no program {words[0]!r} to run the tests with")

    def run(self, scratch: Scratch, repaired: Path | None = None) -> Outcome:
        """Run in a copy; ``repaired`` is the file that differs, relative to the top.  Raises CannotScan if it does not run."""
        words = self._words(scratch)
        results = scratch.folder / "results.xml"
        by_test = _is_pytest(words)
        if by_test:
            words += [f"--junitxml={results}"]
        log = scratch.folder / "output.txt"
        began = time.monotonic()
        code = self._process(words, scratch, log, scratch.top / (repaired or ""))
        took = time.monotonic() - began
        loaded = (scratch.notes / "imported").exists() if (scratch.notes / "began").exists() else None
        if code is None:
            return Outcome({}, in_time=False, loaded=loaded, seconds=took)
        if not by_test:
            return Outcome({WHOLE: code == 0}, loaded=loaded, seconds=took)
        passed = _results(results)
        if code not in USABLE or not passed:
            if repaired is not None:
                return Outcome({}, loaded=loaded, seconds=took)
            said = log.read_text(encoding="utf-8", errors="replace")[-TAIL:].strip()
            raise CannotScan(f"the tests cannot be run in a copy of {self.top} (exit code {code}):\n{said}")
        return Outcome(passed, loaded=loaded, seconds=took)

    def stop(self) -> None:
        """End what is running, and begin nothing more."""
        self._stopped = True
        for group in tuple(self._running):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    def _words(self, scratch: Scratch) -> list[str]:
        first, *rest = shlex.split(self.command)
        if os.sep in first and not Path(first).is_absolute() and not (self._inside(scratch) / first).exists():
            first = str(self.here / first)  # as `.venv/bin/pytest`, which is not copied
        return [first, *rest]

    def _inside(self, scratch: Scratch) -> Path:
        return scratch.top / self.here.relative_to(self.top)

    def _process(self, words: list[str], scratch: Scratch, log: Path, repaired: Path) -> int | None:
        """The exit code; None if it had to be ended."""
        inside = self._inside(scratch)
        inside.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(
                    words,
                    cwd=inside,
                    env=self._environment(scratch, repaired),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise CannotScan(f"{words[0]} cannot be run: {error.strerror or error}") from None
            self._running.add(process.pid)
            try:
                return process.wait(0 if self._stopped else self.timeout_s)
            except subprocess.TimeoutExpired:
                return None
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)  # it, and whatever it left running
                process.wait()
                self._running.discard(process.pid)

    def _environment(self, scratch: Scratch, repaired: Path) -> dict[str, str]:
        """Ours, with every path into the tree leading into the copy instead, if it is there."""
        shim = scratch.folder / "shim"
        shim.mkdir(exist_ok=True)
        (shim / "sitecustomize.py").write_text(SHIM, encoding="utf-8")
        moved = {
            name: os.pathsep.join(self._moved(part, scratch) for part in value.split(os.pathsep))
            for name, value in os.environ.items()
        }
        own = {
            "PYTHONPATH": os.pathsep.join(filter(None, [str(shim), moved.get("PYTHONPATH", "")])),
            "BUGLAB_VERIFY_FROM": str(self.top),
            "BUGLAB_VERIFY_TO": str(scratch.top),
            "BUGLAB_VERIFY_FILE": str(repaired.resolve()),
            "BUGLAB_VERIFY_NOTES": str(scratch.notes),
            "TMPDIR": str(scratch.temporary),
            "PWD": str(self._inside(scratch)),
        }
        return {**moved, **own}

    def _moved(self, part: str, scratch: Scratch) -> str:
        path = Path(part)
        if not path.is_absolute() or not path.is_relative_to(self.top):
            return part
        there = scratch.top / path.relative_to(self.top)
        return str(there) if there.exists() else part


def _is_pytest(words: list[str]) -> bool:
    names = [Path(word).name for word in words]
    return names[0] in ("pytest", "py.test") or any(words[at : at + 2] == ["-m", "pytest"] for at in range(len(words) - 1))


def _results(path: Path) -> dict[str, bool]:
    """Whether each test passed, from pytest's JUnit report; skipped ones are left out.

    A test that fails while it is torn down is there twice.
    """
    passed: dict[str, bool] = {}
    try:
        for case in ElementTree.parse(path).iter("testcase"):
            if case.find("skipped") is None:
                name = "::".join(filter(None, [case.get("classname"), case.get("name")]))
                passed[name] = passed.get(name, True) and case.find("failure") is None and case.find("error") is None
    except (OSError, ElementTree.ParseError):
        return {}
    return passed
