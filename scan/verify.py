"""Repairs on trial: the project's own tests run with each of them, in copies of its tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .content import encoding_of, text_of
from .errors import CannotScan
from .files import File
from .finding import Finding
from .repair import edited
from .suite import Outcome, Suite
from .throwaway import Tree
from .verification import Verdict, Verification

SHOWN = 3
"""Tests named in a sentence."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A repair to try: ``file`` holds the bytes that ``finding`` is about."""

    file: File
    finding: Finding


def verify(candidates: Sequence[Candidate], suite: Suite, jobs: int, tell: Callable[[str], None]) -> list[Verification]:
    """A verdict on each repair.  The unchanged tree is tried first, twice: a test that then says different things says nothing.

    Raises CannotScan if the tests of the unchanged tree cannot be run, or not in time.
    """
    tree = Tree.of(suite.top)
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        try:
            control = list(pool.map(lambda _: _unchanged(tree, suite), range(2)))
            tell(_summary(control))
            outcomes = list(pool.map(lambda candidate: _with_repair(tree, suite, candidate), candidates))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            suite.stop()
            raise
    steady = {name: said for name, said in control[0].passed.items() if control[1].passed.get(name) == said}
    return _grouped([_verdict(steady, outcome, suite.timeout_s) for outcome in outcomes])


def _unchanged(tree: Tree, suite: Suite) -> Outcome:
    with tree.copied() as scratch:
        outcome = suite.run(scratch)
    if not outcome.in_time:
        raise CannotScan(
            f"the tests of the unchanged tree did not end within {suite.timeout_s:g} s; give them longer with --verify-timeout"
        )
    return outcome


def _with_repair(tree: Tree, suite: Suite, candidate: Candidate) -> Outcome:
    file = candidate.file
    assert file.data is not None
    name = file.path.resolve().relative_to(tree.top.resolve())  # a link on the way to it may lead out of the copy
    text = edited(text_of(file.data), candidate.finding)
    with tree.copied() as scratch:
        target = scratch.top / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode(encoding_of(file.data)))
        return suite.run(scratch, name)


def _verdict(control: dict[str, bool], trial: Outcome, timeout_s: float) -> Verification:
    if not trial.in_time:
        return Verification(Verdict.REFUTED, f"with the repair the tests did not end within {timeout_s:g} s")
    fixed = tuple(sorted(name for name, passed in control.items() if not passed and trial.passed.get(name) is True))
    broken = tuple(sorted(name for name, passed in control.items() if passed and not trial.passed.get(name, False)))
    if broken:
        return Verification(Verdict.REFUTED, f"with the repair {_tests(broken, 'fails', 'fail')}", fixed, broken)
    if fixed:
        return Verification(Verdict.CONFIRMED, f"with the repair {_tests(fixed, 'passes', 'pass')} that failed", fixed)
    if trial.loaded is False:
        return Verification(Verdict.NEUTRAL, "the tests never imported the repaired file from the copy of the tree")
    return Verification(Verdict.NEUTRAL, "no test tells the difference")


def _tests(names: Sequence[str], one: str, several: str) -> str:
    listed = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    return f"{listed} {one if len(names) == 1 else several}"


def _grouped(found: Sequence[Verification]) -> list[Verification]:
    groups: dict[tuple[object, ...], int] = {}
    return [
        replace(one, group=groups.setdefault((one.verdict, one.fixed, one.broken, one.reason), len(groups) + 1))
        for one in found
    ]


def _summary(control: Sequence[Outcome]) -> str:
    first, second = control
    passed = sum(first.passed.values())
    flaky = sum(second.passed.get(name) != said for name, said in first.passed.items())
    unsteady = f", {flaky} now so, now so" if flaky else ""
    return f"the unchanged tree: {passed} passed, {len(first.passed) - passed} failed{unsteady}, in {first.seconds:.1f} s"
