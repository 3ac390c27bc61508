"""The realistic choice of bugs: its traits on real code, its weights, and that a fit finds what made the data."""

from __future__ import annotations

import torch

from buglab.graph.build import extract
from buglab.graph.labels import RULES
from buglab.graph.pack import Budget, pack
from buglab.models.batch import Batch
from buglab.rewrites.source import Source
from buglab.selector.realism import NUMBERS, Realism, change_name, realistic_log_p, traits
from buglab.selector.sampling import injectable
from buglab.train.prior import realism

CODE = """
def clip(values, new_values, limit, other):
    for index in range(0, 2):
        if values[index] < limit:
            new_values.append(values[index])
    return new_values
"""
BUDGET = Budget(nodes=400, blocks=60, block=16, texts=200, sites=100, options=600, cells=6000, graphs=2)


def rows(batch: Batch, code: str) -> torch.Tensor:
    """The injectable options of a rule."""
    return (injectable(batch) & (batch.site_rule[batch.option_site] == RULES.index(code))).nonzero()[:, 0]


def small() -> Batch:
    (unit,) = (found for found in extract(Source.parse(CODE)) if found.graph.num_sites)
    return Batch.of(pack([unit.graph], BUDGET)[0])


def test_traits_of_real_code() -> None:
    batch = small()
    found = traits(batch)
    numbers = dict(zip(NUMBERS, found.numbers.T, strict=True))
    names, operators, integers = (rows(batch, code) for code in ("BL101", "BL201", "BL301"))
    share = numbers["share of subtokens in common"]
    assert set(share[names].tolist()) == {0.0, 0.5}  # values and new_values have one of two words in common
    assert torch.equal(numbers["no subtoken in common"][names] == 1, share[names] == 0)
    assert not share[operators].any()
    uses = numbers["log uses of what is written wrongly"][names].exp().round() - 1
    assert {1.0, 3.0} <= set(uses.tolist())  # other; values, new_values and index
    changes = {change_name(at) for at in found.change[operators].tolist()}
    assert "op:< -> op:<=" in changes
    changes = {change_name(at) for at in found.change[integers].tolist()}
    assert {"Integer 0 -> Integer 1", "Integer 2 -> Integer -1"} <= changes


def test_the_weights_in_the_package_prefer_what_people_do() -> None:
    batch = small()
    p = realistic_log_p(batch, realism(batch.chosen.device)).exp()
    torch.testing.assert_close(p[injectable(batch)].sum(), torch.tensor(1.0))
    found = traits(batch)
    by_change = {change_name(int(found.change[at])): float(p[at]) for at in rows(batch, "BL201")}
    assert by_change["op:< -> op:<="] > by_change["op:< -> op:=="]
    names = rows(batch, "BL101")
    alike = found.numbers[names, NUMBERS.index("share of subtokens in common")] > 0
    assert p[names][alike].mean() > p[names][~alike].mean()


def test_weights_survive_as_a_table_that_people_read() -> None:
    weights = realism(torch.device("cpu"))
    again = Realism.of(weights.plain())
    for one, other in ((weights.rule, again.rule), (weights.change, again.change), (weights.numbers, again.numbers)):
        assert torch.equal(one, other)
        assert one.any()
