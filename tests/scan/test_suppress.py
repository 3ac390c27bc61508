"""Which statements a comment silences."""

from __future__ import annotations

import pytest

from buglab.scan.catalogue import catalogue
from buglab.scan.suppress import suppressions


def silenced(text: str, code: str = "BL101", name: str = "variable-misuse") -> list[str]:
    """The words of ``text`` at which a finding would be silenced."""
    found = suppressions(text)
    words = ("one", "two", "three", "four")
    return [word for word in words if word in text and found.silence(text.index(word), code, name)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one()  # buglab: ignore[BL101] because\ntwo()\n", ["one"]),
        ("one()\n# buglab: ignore[BL101]\n\n# and another comment\ntwo()\nthree()\n", ["two"]),
        ("one(\n  two,  # buglab: ignore[BL101]\n  three,\n)\n", ["two"]),
        ("one(  # buglab: ignore[BL101]\n  two,\n)\nthree()\n", ["one", "two"]),
        ("one(\n  two,\n)  # buglab: ignore[BL101]\nthree()\n", ["one", "two"]),
        ("one(\n  # buglab: ignore[BL101]\n  two,\n  three)\n", ["two"]),
        ("one()\n# buglab: file-ignore[BL101]\ntwo()\n", ["one", "two"]),
        ("one()  # noqa: E501, BL101\ntwo()\n", ["one"]),
        ("one()  # type: ignore # noqa: BL101 # more\ntwo()\n", ["one"]),
        ("one()  # noqa\n", []),
        ("one()  # noqa: E501\n", []),
        ("one()  # buglab: ignore\ntwo()\n", ["one"]),
        ("one()  # buglab: ignore[BL1, BL502]\n", ["one"]),
        ("one()  # buglab: ignore[variable-misuse]\n", ["one"]),
        ("one()  # buglab: ignore[bl101]\n", ["one"]),
        ("one()  # buglab: ignore[BL201]\n", []),
        ("one('# buglab: ignore[BL101]')\n", []),
        ("'''\n# buglab: file-ignore[BL101]\n'''\none()\n", []),
        ("if one:  # buglab: ignore[BL101]\n    two()\n", ["one"]),
        ("one()\r\n# buglab: ignore[BL101]\r\ntwo()\r\nthree()\r\n", ["two"]),
        ("# buglab: ignore[BL101]", []),
    ],
)
def test_what_a_comment_covers(text: str, expected: list[str]) -> None:
    assert silenced(text) == expected


EVERY = [entry.code for entry in catalogue()]


def remarks(text: str, *used: str, asked: list[str] = EVERY) -> list[str]:
    """What is said about comments, in order of place, once findings at the words ``used`` were silenced."""
    found = suppressions(text)
    for word in used:
        assert found.silence(text.index(word), "BL101", "variable-misuse")
    return [sentence for _, sentence in sorted(found.remarks(asked))]


def test_unused_and_mistaken_comments_are_told() -> None:
    text = (
        "one()  # buglab: ignore[BL101]\ntwo()  # buglab: ignore[BL201]\nthree()  # buglab: ignroe[BL1]\n#buglab: ignore[BL1\n"
    )
    assert remarks(text, "one") == [
        "unused suppression of BL201",
        "`buglab: ignroe` is not understood; write `buglab: ignore[BL101]` or `buglab: file-ignore[BL101]`",
        "the list of rules has no closing bracket",
    ]


@pytest.mark.parametrize(
    ("comment", "used", "expected"),
    [
        ("# buglab: ignore", ["one"], []),
        ("# buglab: ignore", [], ["unused suppression of every rule"]),
        ("# buglab: ignore[BL101, BL201, wrong-negation]", ["one"], ["unused suppression of BL201, wrong-negation"]),
        ("# buglab: ignore[BL1, BL101]", ["one"], []),
        ("# buglab: ignore[BL999, variable-misuse]", ["one"], ["no rule is called 'BL999'; `buglab rules` lists them"]),
        ("# noqa: E501, BL101, BL204", ["one"], ["unused suppression of BL204"]),
        ("# noqa: E501", [], []),
        ("# noqa", [], []),
    ],
)
def test_each_entry_of_a_list_is_told_by_itself(comment: str, used: list[str], expected: list[str]) -> None:
    assert remarks(f"one()  {comment}\n", *used) == expected


def test_rules_that_were_not_asked_for_are_not_told() -> None:
    text = "one()  # buglab: ignore[BL101]\ntwo()  # buglab: ignore\nthree()  # buglab: ignore[BL2]\n"
    assert remarks(text, asked=["BL201"]) == []
    assert remarks(text, asked=[code for code in EVERY if code.startswith("BL2")]) == ["unused suppression of BL2"]
