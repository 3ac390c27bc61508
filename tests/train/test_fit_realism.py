"""The fit of the realistic choice finds the weights that made the bugs."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import torch

from buglab.data.header import Project
from buglab.graph.build import extract
from buglab.graph.labels import RULES
from buglab.graph.schema import CodeGraph
from buglab.rewrites.source import Source
from buglab.selector.realism import NUMBERS
from buglab.train.errors import TrainError
from buglab.train.fit_realism import Bugs, collect, fit, held_out, log_p


class Known(Sequence[CodeGraph]):
    """Graphs of two projects, as a split of a corpus gives them."""

    def __init__(self, graphs: list[CodeGraph]) -> None:
        self.graphs = graphs

    def __len__(self) -> int:
        return len(self.graphs)

    def __getitem__(self, index: int) -> CodeGraph:  # type: ignore[override]
        return self.graphs[index]

    def __iter__(self) -> Iterator[CodeGraph]:
        return iter(self.graphs)

    def provenance(self, index: int) -> tuple[Project, str]:
        return Project("ab"[index % 2], "", "", ""), ""


@pytest.fixture(scope="module")
def bugs() -> Bugs:
    """In every function somebody has taken a variable for another."""
    graphs = [u.graph for u in extract(Source.parse(inspect.getsource(textwrap))) if u.graph.num_sites]
    known = []
    for graph in graphs:
        sites = (graph.site_rule == RULES.index("BL101")).nonzero()[0]
        if len(sites):
            first = int(graph.option_ptr[sites[0]])
            known.append(replace(graph, bug=first + int(graph.chosen[sites[0]] == 0)))
    assert len(known) > 5
    return collect(Known(known))  # type: ignore[arg-type]


def test_what_people_do_becomes_likely(bugs: Bugs) -> None:
    everything = torch.ones(len(bugs), dtype=torch.bool)
    fitted = fit(bugs, everything)
    assert fitted.rule.argmax() == RULES.index("BL101")
    assert log_p(fitted, bugs).mean() > bugs.known["every"].mean() + 0.5
    assert held_out(bugs).mean() > bugs.known["every"].mean()


def test_the_gradient_is_zero_where_the_fit_ends(bugs: Bugs) -> None:
    """Expected and observed traits differ by the ridge alone (the score equations of a conditional logit)."""
    fitted = fit(bugs, torch.ones(len(bugs), dtype=torch.bool))
    weight = fitted.log_weight(bugs.traits)
    p = torch.zeros(len(weight))
    for at in range(len(bugs)):
        p[bugs.bug == at] = weight[bugs.bug == at].softmax(0)
    expected = (p.unsqueeze(1) * bugs.traits.numbers).sum(0)
    observed = bugs.traits.numbers[bugs.real].sum(0)
    torch.testing.assert_close(observed - expected, 0.3 * fitted.numbers, atol=0.1, rtol=0.05)
    assert len(fitted.numbers) == len(NUMBERS)


def test_a_corpus_without_real_bugs_is_refused(bugs: Bugs) -> None:
    graphs = [u.graph for u in extract(Source.parse("def f(a, b):\n    return a\n"))]
    with pytest.raises(TrainError, match="no function of the corpus has a real bug"):
        collect(Known(graphs))  # type: ignore[arg-type]
