"""Whatever chain of rewrites is applied, a unit keeps its sites: nothing in them tells that it was rewritten."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from buglab.rewrites.base import Swap
from buglab.rewrites.registry import rules
from buglab.rewrites.source import Source

from ..graph.law import check, site_list

TEXT = """
import os.path
LOW, HIGH = 1, 9

def helper(first, second): pass
def other(third, fourth): pass

class Box:
    kind = "box"
    def __init__(self, width, height):
        self.width = width
        self.height = height
    def grow(self, by, step): pass
    def shrink(self, amount, times): pass
    def walk(self, items, start, end, flags=0, **options):
        low, high = min(items), max(items)
        total, mask = 0, 7
        helper(low, high); other(high, low)
        self.grow(low, 12); self.shrink(high, 7)
        for i in range(start, len(items) - 1):
            x = items[i] - items[i + 1] + items[-start:end - 1] // 12
            if not x or x == low and i not in options and flags & mask:
                total += x ** 2 - 7 << 1
            elif x is None or options["width"] != options["height"]:
                self.width = self.height - self.width
            options["width"] = os.path.join(self.kind, options.get("height", None), os.path.dirname("width"))
        helper(low, max(low, high)); other(min(0, high - low), total)
        self.grow(helper(high, total), 12)
        self.shrink(total, self.width / self.height)
        items.append(low); items.remove(high); items.append(-high % low)
        for item in items:
            if item > HIGH or item < LOW:
                return item.count(low, strict=True, clip=LOW)
        while total if not low else high:
            total -= 12 * low
        return [y for y in items if not y]
"""


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=4))
def test_sites_stay_under_any_chain_of_rewrites(steps: list[tuple[int, int]]) -> None:
    text = TEXT
    for where, what in steps:
        source = Source.parse(text)
        u = next(u for u, unit in enumerate(source.units) if unit.name == "Box.walk")
        movable = [(s, o) for s, site in enumerate(source.units[u].sites) for o, x in enumerate(site.options) if x.edit]
        rows = sorted({s for s, _ in movable})
        s = rows[where % len(rows)]
        choices = [o for row, o in movable if row == s]
        o = choices[what % len(choices)]
        check(source, [(u, s, o)])
        option = source.units[u].sites[s].options[o]
        assert option.edit is not None
        text = option.edit.apply(text)
        before, after = (site_list(unit) for unit in (source.units[u], Source.parse(text).units[u]))
        if isinstance(option.change, Swap):
            assert Counter(row[0] for row in before) == Counter(row[0] for row in after)
        else:
            plain = [[(*row[:2], row[2] if row[0] not in SWAPS else ()) for row in rows] for rows in (before, after)]
            assert plain[0] == plain[1]


SWAPS = {"BL207", "BL401", "BL402"}
"""Their options are named by the text of what is swapped, which other rewrites change."""


def test_the_text_has_sites_of_every_rule() -> None:
    assert {site.rule.code for unit in Source.parse(TEXT).units for site in unit.sites} == {rule.code for rule in rules()}
