"""Many transformations in one text: they fit into each other, and what comes out still means and does the same."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from buglab.rewrites.compose import compose, places, variant
from buglab.rewrites.registry import transformations
from buglab.rewrites.source import Source
from buglab.rewrites.transformation import Replacement, Span

from . import meaning

STDLIB = Path(sysconfig.get_paths()["stdlib"])
EVERY = (
    meaning.without_docstrings, meaning.without_annotations, meaning.without_negations, meaning.alpha, meaning.unmirrored,
    meaning.sorted_keywords,
)  # fmt: skip

TEXT = '''
"""A module."""
LIMIT = 3  # of everything

class Box:
    """A box."""
    size: int = 1

    def fill(self, things: list[str], *, deep: bool = False) -> int:
        """Fill it."""
        count: int = 0  # so far
        for thing in things:
            # one after the other
            if thing is None or deep:  # nothing
                if not deep:
                    count += 1
                else:
                    # deeper
                    (last) = [x for x in thing if x != thing]
                    count -= len(last) == 0
            else:
                with self.lid(open=True, wait=LIMIT) as lid:
                    lid.put(thing, at=count, key=lambda y: y < count)
        while count < LIMIT:
            try:
                count = self.fill(things, deep=(1 < count))
            except ValueError as error:
                print(f"{error} {count == 1!r} # {LIMIT}")
            else: break
        if LIMIT == count in things: a, *b = things; del b
        elif "x" not in self: a = {"x": count}
        else: a = (yield)
        return a if count != size(a, low=0, high=count) else count

def size(what, low, high):
    """The size."""
    def inner(top: int = high):
        nonlocal low
        base = top - low
        return base
    total = inner()
    match what:
        case [first, *rest] if first > 1: total += first
        case {"k": value, **others}: return value, others
    return total if None is what else -total
'''


PLACES = places(Source.parse(TEXT))
NORMAL = meaning.normal(TEXT, *EVERY)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.data())
def test_any_choice_of_places_keeps_the_meaning(data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.integers(0, 31), min_size=len(PLACES), max_size=len(PLACES)))
    ways = [place.ways[number // 2 % len(place.ways)] for place, number in zip(PLACES, drawn, strict=True) if number % 2]
    rewritten = compose(TEXT, ways)
    assert meaning.normal(rewritten.text, *EVERY) == NORMAL
    assert (rewritten.text == TEXT) == (not ways)
    for at, character in enumerate(rewritten.text):
        origin = rewritten.origin(at)
        assert origin < 0 or TEXT[origin] == character


def test_rewriting_again_and_again_keeps_the_meaning() -> None:
    text = TEXT
    for seed in range(6):
        text = variant(Source.parse(text), Random(seed), 0.4).text
    assert meaning.normal(text, *EVERY) == NORMAL
    assert text.count("#") < TEXT.count("#")


def test_every_transformation_has_a_place_in_the_text() -> None:
    assert {place.transformation for place in PLACES} == set(transformations())


def test_what_overlaps_is_rewritten_once() -> None:
    moved = Replacement(0, 5, (Span(4, 5), "-", Span(0, 3)))
    inside, outside = Replacement(1, 2, ("x",)), Replacement(3, 4, ("y",))
    across = Replacement(4, 7, ("z",))
    assert compose("abcdefgh", [(moved,), (inside,)]).text == "e-axcfgh"
    assert compose("abcdefgh", [(moved,), (outside,)]).text == "e-abcfgh"
    assert compose("abcdefgh", [(moved,), (inside, across)]).text == "e-abcfgh"
    assert compose("abcdefgh", [(across,), (inside, Replacement(7, 8))]).text == "axcdz"
    assert compose("abcdefgh", [(inside,), (Replacement(1, 2, ("w",)),)]).text.startswith("ax")


PROGRAMS = {
    "bisect": """
xs = [1, 2, 2, 3, 9]
print([(m.bisect_left(xs, x), m.bisect(xs, x, 1, 4)) for x in range(11)])
m.insort(xs, 5)
print(xs, m.bisect_right([1, 2], -1, key=lambda x: -x))
""",
    "fnmatch": """
print([m.translate(p) for p in ('*.py', '[!a-c]?[]x]', 'a[b', '**x*y', '[z-a]')])
print(m.filter(['a.py', 'b.c'], '*.py'), m.fnmatchcase('abc', 'a[!b]c'))
""",
    "heapq": """
h = []
for x in (5, 3, 8, 1, 9, 2):
    m.heappush(h, x)
print(h, m.heappop(h), m.heapreplace(h, 7), h, m.nsmallest(3, [4, 1, 3, 2], key=lambda x: -x), m.nlargest(2, 'hello'))
print(list(m.merge([1, 4], [2, 3], reverse=False)))
""",
    "shlex": """
print(m.split('a "b c" # d', comments=True), m.quote("it's"), m.join(['a b', 'c']), list(m.shlex('x=y;z', posix=False)))
""",
    "statistics": """
xs = [1, 2, 2, 3.5, 8]
print(m.mean(xs), m.median(xs), m.mode(xs), m.stdev(xs), m.quantiles(xs, n=4), m.multimode('aab'))
print(m.linear_regression([1, 2, 3], [2, 4, 7]), m.NormalDist(1, 2).inv_cdf(0.3), m.harmonic_mean([1, 2], [3, 4]))
""",
    "textwrap": """
t = "   A text of some  words,\\n   in-two lines: extraordinarily simple.\\n"
print([m.fill(m.dedent(t), n, initial_indent='* ', break_long_words=b) for n in (5, 9, 30) for b in (0, 1)])
print(m.shorten('Hello  world again', width=12), m.indent(t, '> ', lambda line: 'o' in line), m.wrap(t * 3, 17))
""",
}
"""Programs that use a module of the standard library as ``m``."""

IN_TURN = """
import importlib.util, json, sys
sys.modules.update(_bisect=None, _heapq=None, _statistics=None)  # else C would take the place of what was rewritten
for name, program in json.loads(sys.argv[1]).items():
    spec = importlib.util.spec_from_file_location("m", f"{sys.argv[2]}/{name}.py")
    m = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(m)
    exec(program)
"""


def test_rewritten_modules_do_the_same(tmp_path: Path) -> None:
    for name in PROGRAMS:
        text = (STDLIB / f"{name}.py").read_text(encoding="utf-8")
        rewritten = variant(Source.parse(text), Random(1), 0.8).text
        assert sum(old != new for old, new in zip(text.splitlines(), rewritten.splitlines(), strict=False)) > 20
        (tmp_path / f"{name}.py").write_text(rewritten, encoding="utf-8")
    old, new = (
        subprocess.run(
            [sys.executable, "-c", IN_TURN, json.dumps(PROGRAMS), str(folder)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for folder in (STDLIB, tmp_path)
    )
    assert old == new
    assert len(old) > 1000
