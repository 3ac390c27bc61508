"""Each transformation by its examples, by what it leaves alone, and on real files by a normal form that undoes it."""

from __future__ import annotations

import re
import sysconfig
from functools import cache
from pathlib import Path
from random import Random

import pytest

from buglab.rewrites.compose import compose, variant
from buglab.rewrites.registry import transformations
from buglab.rewrites.source import Source
from buglab.rewrites.transformation import Transformation

from . import meaning

STDLIB = Path(sysconfig.get_paths()["stdlib"])
OURS = Path(__file__).parents[2]
FILES = [
    *(STDLIB / name for name in ("copy.py", "difflib.py", "heapq.py", "json/decoder.py", "shlex.py", "sched.py")),
    *(OURS / name for name in ("rewrites/earlier.py", "scan/catalogue.py", "graph/window.py")),
]
"""The standard library has hardly any annotations, this project everywhere."""

UNDONE_BY = {
    "dropped-annotation": meaning.without_annotations,
    "dropped-comment": meaning.same,
    "dropped-docstring": meaning.without_docstrings,
    "inverted-branch": meaning.without_negations,
    "keyword-order": meaning.sorted_keywords,
    "mirrored-comparison": meaning.unmirrored,
    "renamed-variable": meaning.alpha,
}


@cache
def parsed(path: Path) -> Source:
    return Source.parse(path.read_text(encoding="utf-8"))


def results(name: str, text: str) -> list[str]:
    """What the transformation of this name makes of a text, one place at a time."""
    one = next(one for one in transformations() if one.name == name)
    return [compose(text, [way]).text for place in one.places(Source.parse(text)) for way in place.ways]


@pytest.mark.parametrize("one", transformations(), ids=lambda one: one.name)
def test_transformations_describe_themselves(one: Transformation) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", one.name)
    assert one.summary.endswith(".")
    assert one.why.endswith(".")
    for before, after in one.examples:
        assert after in results(one.name, before)


def test_every_transformation_has_its_normal_form() -> None:
    assert [one.name for one in transformations()] == sorted(UNDONE_BY)


@pytest.mark.parametrize("one", transformations(), ids=lambda one: one.name)
def test_real_files_keep_their_meaning(one: Transformation) -> None:
    """Everywhere at once: the result compiles, differs, and has the normal form of the original."""
    changed = 0
    for path in FILES:
        source = parsed(path)
        found = list(one.places(source))
        original = meaning.normal(source.text, UNDONE_BY[one.name])
        for which in {0, len(found[0].ways) - 1} if found else ():
            text = compose(source.text, [place.ways[which % len(place.ways)] for place in found]).text
            compile(text, path.name, "exec", dont_inherit=True)
            assert meaning.normal(text, UNDONE_BY[one.name]) == original
            assert text != source.text
        changed += bool(found)
    assert changed >= 3


@pytest.mark.parametrize("name", sorted(set(UNDONE_BY) - {"dropped-comment"}))
def test_normal_forms_tell_bugs_apart(name: str) -> None:
    """What would be a bug changes the normal form."""
    step = UNDONE_BY[name]
    right = (
        "def f(a, b, c: int = 1):\n    '''Doc.'''\n    x: int = a\n    if x < b:\n        y = g(p=a, q=b())\n    else:\n"
        "        y = [c for c in a() if c is b]\n    return x, y\n"
    )
    for old, new in [
        ("x < b", "x > b"),
        ("x < b", "not x < b"),
        ("p=a, q=b()", "q=b(), p=a"),
        ("p=a, q=b()", "p=b(), q=a"),
        ("return x, y", "return y, x"),
        ("return x, y", "return x, x"),
        ("def f(a, b", "def f(b, a"),
        ("c: int = 1", "c: int = 2"),
        ("c for c in a()", "y for c in a()"),
    ]:
        assert meaning.normal(right, step) != meaning.normal(right.replace(old, new), step), (old, new)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mirrored-comparison", "a < b < c\n"),
        ("mirrored-comparison", "a in b\n"),
        ("mirrored-comparison", "a < f()\n"),
        ("mirrored-comparison", "a.b == c\n"),
        ("mirrored-comparison", "f(x) == g(x)\n"),
        ("mirrored-comparison", "f'{a == 1}'\n"),
        ("mirrored-comparison", "x = 'a'is b\n"),
        ("mirrored-comparison", "x = 1if a<1else 2\n"),
        ("inverted-branch", "if a:\n    b\n"),
        ("inverted-branch", "if a:\n    b\nelif c:\n    d\n"),
        ("inverted-branch", "def f():\n    if a:\n        global x\n        x = 1\n    else:\n        x = 2\n"),
        ("inverted-branch", "if a:\n    b\n# about c\nelse:\n    c\n"),
        ("keyword-order", "f(a=g(), b=h())\n"),
        ("keyword-order", "f(a=x, b=h())\n"),
        ("keyword-order", "dict(a=1, b=2)\n"),
        ("keyword-order", "x.update(a=1, b=2)\n"),
        ("keyword-order", "f(a=1, **k)\nf(**k, b=2)\nf(a=1, *x, b=2)\n"),
        ("keyword-order", "def f(**k): pass\nf(a=1, b=2)\n"),
        ("keyword-order", "class C:\n    def __init__(self, **k): pass\nC(a=1, b=2)\n"),
        ("keyword-order", "f(a=1,  # one\n  b=2)\n"),
        ("keyword-order", "f(a=1,\n  b=2)  # two\n"),
        ("dropped-comment", "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nx = '# no'\ny = '''\n# no\n'''\nz = f'# {x} #'\n"),
        ("dropped-docstring", "def f():\n    '''Doc.'''\nprint(f.__doc__)\n"),
        ("dropped-docstring", "@command\ndef f():\n    '''Doc.'''\n"),
        ("dropped-docstring", "def f():\n    '''Doc.'''\n    '''More.'''\n"),
        ("dropped-docstring", "def f():\n    b'''Doc.'''\n"),
        ("dropped-docstring", "def f():\n    f'''Doc.'''\n"),
        ("dropped-docstring", "def f():\n    x = 1\n    'no doc'\n"),
        ("dropped-annotation", "class C:\n    x: int = 1\n"),
        ("dropped-annotation", "x: int = 1\n"),
        ("dropped-annotation", "def f():\n    x: int\n    return x\n"),
        ("dropped-annotation", "@register\ndef f(x: int): pass\n"),
        ("dropped-annotation", "def f(x: make()): pass\n"),
        ("dropped-annotation", "def f(x: (y := int)): pass\n"),
        ("dropped-annotation", "def f(x: int): pass\nf.__annotations__\n"),
        ("renamed-variable", "def f(a, *b, c=1, **d):\n    return a, b, c, d, (lambda e: e)\n"),
        ("renamed-variable", "def f():\n    x = 1\n    return locals()\n"),
        ("renamed-variable", "def f():\n    x = 1\n    return '{x}'.format(**vars())\n"),
        ("renamed-variable", "def f():\n    x = 1\n    return eval('x')\n"),
        ("renamed-variable", "def f():\n    x = 1\n    return lambda: (x, exec)\n"),
        ("renamed-variable", "def f():\n    x = 1\n    def g():\n        return x\n    return g\n"),
        ("renamed-variable", "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    return g\n"),
        ("renamed-variable", "def f():\n    x = 1\n    class C:\n        y = x\n    return C\n"),
        ("renamed-variable", "def f():\n    x = 1\n    def g(y=x): pass\n    return g\n"),
        ("renamed-variable", "def f():\n    global x\n    x = 1\n"),
        ("renamed-variable", "def f():\n    import x\n    from y import z\n    return x, z\n"),
        ("renamed-variable", "def f():\n    def x(): pass\n    class Y: pass\n    return x, Y\n"),
        ("renamed-variable", "def f():\n    x = 1\n    print(f'{x=}')\n"),
        ("renamed-variable", "def f():\n    __x = 1\n    _ = 2\n    return __x\n"),
        ("renamed-variable", "def f():\n    x = 1\n    show()\ndef show():\n    sys._getframe(1).f_locals\n"),
        ("renamed-variable", "def f():\n    fi = 1\n    return ﬁ\n"),  # the same name, to Python
        ("renamed-variable", "x = 1\nclass C:\n    y = [z for z in x]\n"),
    ],
)
def test_what_is_left_alone(name: str, text: str) -> None:
    assert results(name, text) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mirrored-comparison", "x = a<-1\n", "x = -1>a\n"),
        ("mirrored-comparison", "x = (a  # one\n     <= (b))\n", "x = ((b)  # one\n     >= a)\n"),
        ("inverted-branch", "if(a):\n    b\nelse:\n    c", "if not (a):\n    c\nelse:\n    b"),
        ("inverted-branch", "if not(a):\r\n\tb\r\nelse:\r\n\tc\r\n", "if (a):\r\n\tc\r\nelse:\r\n\tb\r\n"),
        ("inverted-branch", "if a: b\nelif c: d\nelse: e\n", "if a: b\nelif not c: e\nelse: d\n"),
        ("inverted-branch", "if a not  in b: c; d;\nelse: e # f\n", "if a in b: e # f\nelse: c; d;\n"),
        (
            "inverted-branch",
            "def f():\n    if x:\n        from a import (b,\n            c,)  # d\n        # end of x\n    else:\n"
            "        '''\nelse:\n'''\n        # end of else\n    # after\n",
            "def f():\n    if not x:\n        '''\nelse:\n'''\n        # end of else\n    else:\n        from a import (b,\n"
            "            c,)  # d\n        # end of x\n    # after\n",
        ),
        ("dropped-comment", "x = \\\n1 \\\n# one\ny = 2\n", "x = \\\n1 \\\n\ny = 2\n"),
        ("dropped-comment", "f(f'{a}#', '#',  # one\n)\n", "f(f'{a}#', '#',\n)\n"),
        ("dropped-comment", "x = 1\n    # last", "x = 1\n"),
        ("dropped-docstring", "def f():\n    '''Doc.''' ; x = 1\n", "def f():\n    x = 1\n"),
        ("dropped-docstring", "def f():\n    ('Doc.'\n     ' More.')  # why\n    x = 1\n", "def f():\n    # why\n    x = 1\n"),
        ("dropped-docstring", "'''Doc.'''\nfrom __future__ import annotations\n", "from __future__ import annotations\n"),
        ("dropped-docstring", "class C: 'Doc.'\n", "class C: pass\n"),
        ("dropped-annotation", "async def f(a, /, *b: int, c: str='', **d: 'x') -> (A | None): pass\n",
         "async def f(a, /, *b, c='', **d): pass\n"),
        ("dropped-annotation", "def f(x: make(), y: int): pass\n", "def f(x: make(), y): pass\n"),
        ("renamed-variable", "def f():\n    (x) = 1\n    del x\n", "def f():\n    (name) = 1\n    del name\n"),
        ("renamed-variable", "def f():\n    try: pass\n    except E as x: i = name = x.x\n",
         "def f():\n    try: pass\n    except E as value: i = name = value.x\n"),
        ("renamed-variable", "def f(a):\n    match a:\n        case [x, *_] | {'k': x}: return f'{x!r:>{x}} x'\n",
         "def f(a):\n    match a:\n        case [name, *_] | {'k': name}: return f'{name!r:>{name}} x'\n"),
        ("renamed-variable", "def f(a):\n    while x := a(): print([x for b in a])\n",
         "def f(a):\n    while value := a(): print([value for b in a])\n"),
    ],
)  # fmt: skip
def test_corners(name: str, text: str, expected: str) -> None:
    assert expected in results(name, text)
    compile(expected, "", "exec", dont_inherit=True)


def test_new_names_are_those_of_other_functions_and_never_meet() -> None:
    text = "LIMIT = price = 1\ndef f(a):\n    total = 0\n    for each in a:\n        total += each\n    return total\n"
    text += "def g(b):\n    weight = [unit for unit in b]\n    return weight, LIMIT\n"
    one = next(one for one in transformations() if one.name == "renamed-variable")
    total, each, *_ = [{way[0].parts[0] for way in place.ways} for place in one.places(Source.parse(text))]
    assert {"weight", "unit"} <= total | each
    assert total.isdisjoint(each)
    assert (total | each).isdisjoint({"LIMIT", "price", "a", "total", "each"})


def test_a_variant_depends_on_dice_and_share_only() -> None:
    source = parsed(FILES[0])
    one, again, other = (variant(source, Random(seed), 0.5).text for seed in (1, 1, 2))
    assert one == again != other
    assert variant(source, Random(1), 0).text == source.text
