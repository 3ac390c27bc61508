"""From commits to changes: what matches a rule, what only counts, what tells against a bug."""

from __future__ import annotations

from textwrap import indent

import pytest

from buglab.data.heldout import Guard
from buglab.data.mining.git import Repository
from buglab.data.mining.record import Change, Match
from buglab.data.mining.signs import usable
from buglab.data.mining.walk import Reach, Walk
from buglab.rewrites.registry import rules

from .conftest import CLAMP, History

REACH = Reach(most_files=8, tests=False, worded=False, unmatched=frozenset())


def walked(history: History, guard: Guard, reach: Reach = REACH) -> list[Change]:
    repository = Repository.open(history.path)
    return Walk(repository, reach, guard).chunk(repository.commits()).changes


def test_a_fix_is_found_with_its_place(history: History, guard: Guard) -> None:
    wrong = '"""Module."""\n\n\nclass Range:\n' + indent(CLAMP, "    ")
    history.commit("begin", {"src/a.py": wrong})
    fix = history.commit("Fix the limit\n\nIt was wrong.", {"src/a.py": wrong.replace("value < low", "value <= low")})
    (change,) = walked(history, guard)
    assert (change.commit, change.subject, change.path, change.function) == (fix, "Fix the limit", "src/a.py", "Range.clamp")
    assert (change.row, change.kind, change.files, change.hunks, change.flags) == (6, "< -> <=", 1, 1, ("worded",))
    assert change.matches == (Match("BL201", 6, 18, "<", "<="),)
    assert usable(change)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_rule_finds_the_repair_of_its_examples(history: History, guard: Guard, rule: object) -> None:
    """Each example as the body of a function: a commit makes the wrong one right."""
    right, wrong = (
        {"example.py": "def example():\n" + indent(text, "    ")} for text in (rule.examples[0].right, rule.examples[0].wrong)
    )
    history.commit("begin", wrong)
    history.commit("Fix", right)
    (change,) = walked(history, guard)
    assert rule.code in {match.code for match in change.matches}


def test_a_change_that_is_no_rewrite_counts_as_a_kind(history: History, guard: Guard) -> None:
    history.commit("begin", {"a.py": "def f(x):\n    return x.first\n"})
    history.commit("Fix", {"a.py": "def f(x):\n    return x.last\n"})
    (change,) = walked(history, guard)
    assert (change.kind, change.matches, usable(change)) == ("attribute -> attribute", (), False)


def test_comments_and_layout_may_change_with_it_but_no_other_code(history: History, guard: Guard) -> None:
    history.commit("begin", {"a.py": CLAMP})
    noted = CLAMP.replace("value < low:", "value <= low:  # also equal").replace(
        "    return min", "\n    # else\n    return min"
    )
    history.commit("Fix", {"a.py": noted})
    history.commit("Fix more", {"a.py": noted.replace("<=", ">").replace("high)", "low)")})
    assert [change.subject for change in walked(history, guard)] == ["Fix"]


def test_several_functions_of_one_commit_may_each_have_their_fix(history: History, guard: Guard) -> None:
    both = CLAMP + "\n\ndef add(a, b):\n    return a - b\n\n\nlimit = 3\n"
    history.commit("begin", {"a.py": both})
    history.commit("Fix", {"a.py": both.replace("a - b", "a + b").replace("value < low", "value > low").replace("3", "4")})
    assert sorted(change.function for change in walked(history, guard)) == ["add", "clamp"]


def test_the_body_of_the_module_is_no_function(history: History, guard: Guard) -> None:
    history.commit("begin", {"a.py": "import os\nif os.sep < '/':\n    x = 1\n"})
    history.commit("Fix", {"a.py": "import os\nif os.sep > '/':\n    x = 1\n"})
    assert walked(history, guard) == []


def test_python_2_is_counted_at_most(history: History, guard: Guard) -> None:
    old = "def f(a, b):\n    print 'x'\n    return a < b\n"
    history.commit("begin", {"a.py": old})
    history.commit("Fix", {"a.py": old.replace("<", ">")})
    assert [change.matches for change in walked(history, guard)] == [()]


def test_the_same_edit_in_many_places_is_a_renaming(history: History, guard: Guard) -> None:
    files = {f"{name}.py": f"def {name}(a, b):\n    return a < b\n" for name in "stuvw"}
    history.commit("begin", files)
    history.commit("Fix", {name: text.replace("a <", "b <") for name, text in files.items()})
    assert walked(history, guard) == []


@pytest.mark.parametrize(
    ("flag", "message", "before", "after"),
    [
        ("revert", 'Revert "Fix it"', "def f(a, b):\n    return a < b\n", "def f(a, b):\n    return a > b\n"),
        ("repeated", "Fix", *("".join(f"def {n}(a, b):\n    return a {o} b\n" for n in "fg") for o in "<>")),
        ("defined", "Fix", "def g(a, b): 0\ndef f(a, b):\n    g(a, b)\n", "def g(b, a): 0\ndef f(a, b):\n    g(b, a)\n"),
        ("bound", "Fix", "def f(a, b):\n    return a\n", "b = 2\ndef f(a, b):\n    return b\n"),
        ("version", "Fix", "def f(g):\n    return g(version=(0, 1))\n", "def f(g):\n    return g(version=(0, 2))\n"),
    ],
)
def test_what_tells_against_a_bug_is_written_down(
    history: History, guard: Guard, flag: str, message: str, before: str, after: str
) -> None:
    history.commit("begin", {"a.py": before})
    history.commit(message, {"a.py": after})
    changes = [change for change in walked(history, guard) if change.matches]
    assert changes
    assert all(flag in change.flags and not usable(change) for change in changes)


def test_a_constant_needs_a_message_that_speaks_of_a_bug(history: History, guard: Guard) -> None:
    history.commit("begin", {"a.py": "def f(x):\n    return x[0]\n"})
    history.commit("Begin later", {"a.py": "def f(x):\n    return x[1]\n"})
    history.commit("Wrong again", {"a.py": "def f(x):\n    return x[2]\n"})
    assert [usable(change) for change in walked(history, guard)] == [False, True]


def test_tests_are_kept_apart(history: History, guard: Guard) -> None:
    history.commit("begin", {"tests/test_a.py": CLAMP})
    history.commit("Fix", {"tests/test_a.py": CLAMP.replace("<", "<=")})
    assert walked(history, guard) == []
    (change,) = walked(history, guard, Reach(8, True, False, frozenset()))
    assert "test" in change.flags
    assert not usable(change)


def test_wide_commits_and_messages_that_name_no_bug_can_be_left_out(history: History, guard: Guard) -> None:
    history.commit("begin", {"a.py": CLAMP, "b.py": CLAMP})
    history.commit("Fix", {"a.py": CLAMP.replace("<", "<="), "b.py": CLAMP + "\n"})
    history.commit("Another look", {"a.py": CLAMP.replace("<", "!=")})
    repository = Repository.open(history.path)
    tally = Walk(repository, Reach(1, False, True, frozenset()), guard).chunk(repository.commits()).tally
    assert (tally.commits, tally.python_commits, tally.wide_commits, tally.examined) == (2, 2, 1, 0)


def test_held_out_code_is_left_out_wherever_it_lies(history: History) -> None:
    guard = Guard.parse("someone/secret | secret | secret\n")
    history.commit("begin", {"extra/secret/a.py": CLAMP})
    history.commit("Fix", {"extra/secret/a.py": CLAMP.replace("<", "<=")})
    assert walked(history, guard) == []


def test_held_out_code_is_known_by_its_content(history: History) -> None:
    from buglab.data.fingerprints import fingerprints

    long = CLAMP.replace("    return min", "    value = [low, high, low + high, low * high]\n    return min")
    history.commit("begin", {"a.py": long})
    history.commit("Fix", {"a.py": long.replace("<", "<=")})
    guard = Guard.parse("someone/secret | secret | secret\n", fingerprints(long.encode()))
    assert walked(history, guard) == []


def test_a_commit_that_cannot_be_read_is_left_out_alone(history: History, guard: Guard) -> None:
    for number in range(6):
        history.commit("Fix", {"a.py": CLAMP.replace("low:", f"low + {number}:"), "b.py": "x = 1\n"})
    blob = history.git("rev-parse", "HEAD~2:a.py").strip()
    (history.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    repository = Repository.open(history.path)
    found = Walk(repository, REACH, guard).chunk(repository.commits())
    assert (found.tally.commits, found.tally.missing) == (5, 2)
    assert len(found.changes) == 3
