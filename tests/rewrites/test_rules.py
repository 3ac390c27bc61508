"""Each rule by its examples, and the laws all of them obey."""

from __future__ import annotations

import re

import pytest

from buglab.rewrites.base import Rule
from buglab.rewrites.registry import rule_by_code, rules
from buglab.rewrites.source import Source


def rewritings(code: str, rule: str) -> set[str]:
    source = Source.parse(code)
    return {
        option.edit.apply(code)
        for unit in source.units
        for site in unit.sites
        if site.rule.code == rule
        for option in site.options
        if option.edit
    }


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_rules_describe_themselves(rule: Rule) -> None:
    assert re.fullmatch(r"BL[1-5]\d\d", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert rule.examples
    assert rule_by_code(rule.code) is rule


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_wrong_becomes_right_and_right_becomes_wrong(rule: Rule) -> None:
    for example in rule.examples:
        assert example.wrong in rewritings(example.right, rule.code)
        back = {text.replace(" ", "") for text in rewritings(example.wrong, rule.code)}
        assert example.right.replace(" ", "") in back


@pytest.mark.parametrize(
    ("rule", "code", "expected"),
    [
        ("BL201", "a < b\n", {f"a {x} b\n" for x in ("<=", ">", ">=", "==", "!=", "is", "is not")}),
        ("BL201", "a<b\n", {f"a{x}b\n" for x in ("<=", ">", ">=", "==", "!=", " is ", " is not ")}),
        ("BL202", "-a ** b\n", set()),
        ("BL202", "'%s' % a\n", set()),
        ("BL202", "-a * b\n", {"-a + b\n", "-a - b\n", "-a / b\n", "-a // b\n", "-a % b\n"}),
        ("BL204", "a = b = c\n", set()),
        ("BL204", "a = 1\n", set()),
        ("BL201", "a is  b\n", {f"a {x}  b\n" for x in ("<", "<=", ">", ">=", "==", "!=", "is not")}),
        ("BL206", "a not  in b\n", {"a in b\n"}),
        ("BL301", "def f(): return-1\n", {f"def f(): return{v}\n" for v in ("-2", " 0", " 1", " 2")}),
        ("BL301", "x = 1if y else z\n", set()),
        ("BL301", "x = [0, 1, 2, 0, 1, 2]\n", set()),
        ("BL301", "x = 2 ** n\n", {"x = 0 ** n\n", "x = 1 ** n\n"}),
        ("BL301", "a = 7\nb = 3\nc = 7\n", {f"a = 7\nb = 3\nc = {v}\n" for v in ("-2", "-1", "0", "1", "2", "3")}),
        ("BL301", "async def f(): await 1\n", set()),
        ("BL302", "def f(a=True): pass\n", set()),
        ("BL302", "f(a=True)\n", {"f(a=False)\n", "f(a=None)\n"}),
        ("BL302", "a = x is None\nraise E from None\n", set()),
        ("BL401", "f(a, b, *c, d)\n", {"f(b, a, *c, d)\n"}),
        ("BL401", "f(a, a)\n", set()),
        ("BL401", "f(a, (b := 1))\n", set()),
        ("BL401", "f( (a) ,b.c(1) )\n", {"f( b.c(1) ,(a) )\n"}),
        ("BL402", "f(a=x, **k, b=y)\n", {"f(a=y, **k, b=x)\n"}),
        ("BL402", "f(a=x, b=x)\n", set()),
        ("BL207", "a -  b[1]\n", {"b[1] -  a\n"}),
        ("BL207", "a + b\n", set()),
        ("BL207", "a - b - c\n", set()),
        ("BL207", "2 ** -n\n", set()),
        ("BL207", "x = a-1if b else c\n", set()),
        ("BL208", "x[n]\n", {"x[-n]\n"}),
        ("BL208", "x[:-f(n) + 1]\n", {"x[:f(n) + 1]\n"}),
        ("BL208", "def f(x: d[n]): pass\n", set()),
        ("BL209", "x[n]\n", {"x[n + 1]\n", "x[n - 1]\n"}),
        ("BL209", "x[a:b*c -1]\n", {"x[a:b*c]\n", "x[a:b*c + 1]\n", "x[a + 1:b*c -1]\n", "x[a - 1:b*c -1]\n"}),
        ("BL209", "x[n + 2]\n", set()),
        ("BL209", "x[n + 2 + 1]\n", set()),
        ("BL209", "range(n, 3)\n", {"range(n + 1, 3)\n", "range(n - 1, 3)\n"}),
        ("BL303", "a['x'] = a['y']\nb = a['x']\n", {"a['x'] = a['y']\nb = a['y']\n"}),
        ("BL303", "a['x'] = a['y']\nb = 'x'\n", set()),
        ("BL101", "def g(x):\n    def f(x=x):\n        return x\n", set()),
        ("BL101", "def g(y):\n    def f(x=y):\n        return x\n", {"def g(y):\n    def f(x=y):\n        return y\n"}),
        ("BL202", "for i in range(1, 3 + 1):\n    pass\n", set()),  # `3 // 1` would have a slot for an offset, this has none
        ("BL202", "x = range(3 + 1, n % 2)\n", {f"x = range(3 + 1, n {o} 2)\n" for o in ("*", "/", "//", "**")}),
        ("BL102", "a.b(c.d)\ne = a.b(c)\n", set()),
        ("BL102", "a.b = c.d + c.e\nf = c.d\n", {"a.b = c.d + c.e\nf = c.e\n"}),
        (
            "BL102",
            "class C:\n    def f(self): pass\n    def g(self): return self.f\n",
            {"class C:\n    def f(self): pass\n    def g(self): return self.g\n"},
        ),
        ("BL102", "class C:\n    def f(self): pass\n    def g(self): self.f()\n", set()),
        ("BL103", "a = f(1)\nb = g(f)\nc = f(2)\n", {"a = f(1)\nb = g(f)\nc = g(2)\n"}),
        ("BL103", "def f(x): pass\ndef g(): pass\nf(1)\ng()\nf(2)\n", set()),
        ("BL103", "import m, n\nm.a = n.b\nx = m\n", set()),
        ("BL202", "match x:\n    case -1 - 2j: pass\n    case [{3 + 4j: y}, C(z=5 + 6j)]: pass\n", set()),
        ("BL207", "match x:\n    case -1 - 2j: pass\n    case [{3 + 4j: y}, C(z=5 + 6j)]: pass\n", set()),
        ("BL501", "a or b and c\n", {"a and b and c\n", "a or b or c\n"}),
        ("BL502", "x = a if not not b else c\n", set()),
        ("BL502", "assert not(a)\n", {"assert (a)\n"}),
        ("BL502", "[x for x in y if(x)]\n", {"[x for x in y if not (x)]\n"}),
        ("BL101", "def f(a, b):\n    c = a\n", {"def f(a, b):\n    c = b\n"}),
        ("BL101", "def f(a):\n    return [b for b in a]\n", {"def f(a):\n    return [a for b in a]\n"}),
        ("BL101", "class C:\n    def f(self, a):\n        return self.x(a)\n", set()),
        ("BL101", "def f(a, b: int = 3) -> b: pass\n", set()),
        ("BL101", "class C:\n    a = 1\n    b = [c for c in a]\n", set()),
    ],
)
def test_options(rule: str, code: str, expected: set[str]) -> None:
    assert rewritings(code, rule) == expected


def test_options_of_a_site_do_not_depend_on_the_chosen_one() -> None:
    for code in ("def f(a, b, c):\n    return a\n", "x = [y for y in z if y < 1]\n", "f(a, b, c)\n"):
        source = Source.parse(code)
        for u, unit in enumerate(source.units):
            for s, site in enumerate(unit.sites):
                for o, option in enumerate(site.options):
                    if option.edit:
                        moved = Source.parse(option.edit.apply(code)).units[u].sites[s]
                        assert [x.content for x in moved.options] == [x.content for x in site.options]
                        assert moved.chosen == o
