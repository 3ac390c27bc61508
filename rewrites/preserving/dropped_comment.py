"""Code without its comments."""

import re
from collections.abc import Iterator

from ..lines import line_start
from ..source import Source
from ..transformation import Place, Replacement, Transformation

_PIECE = re.compile(
    r"(\#[^\r\n]*)(\r\n|\r|\n|\Z)"
    r"|'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\""
    r"|'(?:[^'\\\r\n]|\\(?:\r\n|.))*'|\"(?:[^\"\\\r\n]|\\(?:\r\n|.))*\"",
    re.DOTALL,
)
_OBEYED = re.compile(r"\#!|.*coding[:=]")
"""Comments that something obeys where they stand on the first two lines."""


class DroppedComment(Transformation):
    """Remove a comment: its line, or the end of a line."""

    name = "dropped-comment"
    summary = "A comment goes away."
    why = "Python does not read comments, but for a `#!` line and the declaration of an encoding, which stay."
    examples = (
        ("x = 1  # one\n", "x = 1\n"),
        ("f(a,  # the first\n  b)\n# done\n", "f(a,\n  b)\n# done\n"),
        ("def f(a):\n    # nothing to do\n    pass\n", "def f(a):\n    pass\n"),
    )

    def places(self, source: Source) -> Iterator[Place]:
        text, at = source.text, 1 if source.text.startswith("\ufeff") else 0
        second = (*(found.end() for found in re.finditer(r"\r\n|\r|\n", text[:10_000])), len(text), len(text))[1]
        for start, end in [*_formatted(source), (len(text), len(text))]:
            for found in _PIECE.finditer(text, at, start):
                if found[1] is not None and not (found.start() < second and _OBEYED.match(found[1])):
                    yield Place(self, ((_removed(text, found),),))
            at = max(at, end)


def _formatted(source: Source) -> list[tuple[int, int]]:
    """Where f-strings stand: what looks like a comment in them may be text."""
    found = []
    for unit in source.units:
        for node, label in enumerate(unit.label):
            if label == "FormattedString":
                found.append((unit.starts[node], unit.ends[node]))
    return sorted(found)


def _removed(text: str, found: re.Match[str]) -> Replacement:
    start, (_, end) = line_start(text, found.start()), found.span(1)
    before = text[start : found.start()]
    if before.strip(" \t\f\ufeff"):
        return Replacement(start + len(before.rstrip(" \t\f")), end)
    if text[:start].endswith(("\\\n", "\\\r", "\\\r\n")):  # what is continued here ends with this line
        return Replacement(found.start(), end)
    return Replacement(start + before.count("\ufeff"), found.end(2))
