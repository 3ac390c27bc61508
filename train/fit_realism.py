"""Maintenance: fit the realistic choice of bugs to real fixes.

    buglab corpus corpus=fixes corpus.clones=FOLDER
    python -m buglab.train.fit_realism CORPUS

fits ``train/realism.json`` to the training functions of a corpus of real fixes, and prints how likely real bugs are under
it, in projects that it was not fitted to, beside the simpler choices of ``selector.uniform``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from ..data.dataset import Split
from ..graph.labels import RULES
from ..graph.pack import Budget, pack
from ..graph.schema import NULL, CodeGraph, Relation
from ..models.batch import Batch
from ..models.segments import segment_logsumexp
from ..selector.realism import KINDS, NUMBERS, Realism, Traits, traits
from ..selector.sampling import injectable
from ..selector.uniform import KINDS as CHOICES
from ..selector.uniform import uniform_log_p
from .corpora import Corpora
from .errors import TrainError
from .prior import WEIGHTS

RIDGE = 0.3
"""Weight of half the squared norm of the weights beside the log-likelihood, a sum over bugs."""

FOLDS = 5


@dataclass
class Bugs:
    """Real bugs, each with all rewrites of its function."""

    traits: Traits
    """of all rewrites of all functions"""
    bug: Tensor
    """[rewrites] which bug's function it is of"""
    real: Tensor
    """[bugs] the rewrite that stood there"""
    rule: Tensor
    """[bugs] in RULES"""
    known: dict[str, Tensor]
    """by name of a simpler choice, [bugs] its log-probability of the real one"""
    project: list[str]

    def __len__(self) -> int:
        return len(self.real)


def collect(split: Split) -> Bugs:
    """The functions of ``split`` whose real bug is known.  Raises TrainError if there are none."""
    found: list[tuple[Traits, int, int, dict[str, float], str]] = []
    for index, graph in enumerate(split):
        if graph.bug == NULL:
            continue
        batch = Batch.of(pack([graph], tight(graph))[0])
        rewrites = injectable(batch).nonzero()[:, 0]
        bug = int(batch.bug[0])
        if not (rewrites == bug).any():
            continue
        seen = traits(batch)
        rows = Traits(*(getattr(seen, f.name)[rewrites] for f in fields(seen)))
        known = {kinds: float(uniform_log_p(batch, kinds)[bug]) for kinds in CHOICES}
        project, _ = split.provenance(index)
        found.append((rows, int((rewrites == bug).nonzero()), int(seen.rule[bug]), known, project.name))
    if not found:
        raise TrainError("no function of the corpus has a real bug that is known; make one with `buglab corpus corpus=fixes`")
    sizes = torch.tensor([len(rows.rule) for rows, *_ in found])
    return Bugs(
        traits=Traits(*(torch.cat([getattr(rows, f.name) for rows, *_ in found]) for f in fields(Traits))),
        bug=torch.arange(len(found)).repeat_interleave(sizes),
        real=sizes.cumsum(0) - sizes + torch.tensor([real for _, real, *_ in found]),
        rule=torch.tensor([rule for _, _, rule, *_ in found]),
        known={kinds: torch.tensor([known[kinds] for *_, known, _ in found]) for kinds in CHOICES},
        project=[project for *_, project in found],
    )


def fit(bugs: Bugs, learn: Tensor) -> Realism:
    """The weights under which the real bugs of ``learn`` ([bugs], which are looked at) are most likely; LBFGS with a ridge."""
    weights = [torch.zeros(n, requires_grad=True) for n in (len(RULES), len(KINDS) ** 2, len(NUMBERS))]
    optimiser = torch.optim.LBFGS(weights, max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        surprise = -log_p(Realism(*weights), bugs)[learn].sum()
        total: Tensor = surprise + RIDGE / 2 * sum(weight.square().sum() for weight in weights)
        total.backward()
        return total

    optimiser.step(loss)
    return Realism(*(weight.detach() for weight in weights))


def log_p(realism: Realism, bugs: Bugs) -> Tensor:
    """[bugs] log-probability of the real one among all rewrites of its function."""
    weight = realism.log_weight(bugs.traits)
    return weight.index_select(0, bugs.real) - segment_logsumexp(weight, bugs.bug, len(bugs))


def held_out(bugs: Bugs) -> Tensor:
    """[bugs] the same, where the weights were fitted to other projects."""
    names = sorted(set(bugs.project))
    fold = torch.tensor([names.index(project) % FOLDS for project in bugs.project])
    found = torch.zeros(len(bugs))
    for this in range(FOLDS):
        found[fold == this] = log_p(fit(bugs, fold != this), bugs)[fold == this]
    return found


def show(bugs: Bugs, console: Console) -> None:
    columns = {**bugs.known, "fixes, other projects": held_out(bugs)}
    table = Table(title=f"log p(real bug), {len(bugs)} bugs of {len(set(bugs.project))} projects", title_justify="left")
    for heading in ("rule", "bugs", *columns):
        table.add_column(heading, justify="left" if heading == "rule" else "right")
    for at, code in enumerate(RULES):
        of_rule = bugs.rule == at
        if of_rule.any():
            table.add_row(code, str(int(of_rule.sum())), *(f"{values[of_rule].mean():.2f}" for values in columns.values()))
    table.add_section()
    table.add_row("all", str(len(bugs)), *(f"{values.mean():.2f}" for values in columns.values()))
    console.print(table)


def tight(graph: CodeGraph, copies: int = 1) -> Budget:
    """A batch with just enough room for some copies of one graph."""
    rest = Budget()
    return Budget(
        nodes=copies * graph.num_nodes + 1,
        blocks=len(Relation) + copies * graph.num_edges // rest.block,
        block=rest.block,
        texts=copies * len(graph.texts) + 1,
        sites=copies * graph.num_sites + 1,
        options=copies * graph.num_options + 1,
        cells=copies * len(graph.cells) + 2,
        graphs=copies + 1,
    )


def main(arguments: Sequence[str]) -> None:
    corpora = Corpora.named(list(arguments))
    bugs = collect(corpora.split("train"))
    show(bugs, Console())
    weights = fit(bugs, torch.ones(len(bugs), dtype=torch.bool)).plain()
    rounded = {group: {name: round(weight, 3) for name, weight in table.items()} for group, table in weights.items()}
    WEIGHTS.write_text(json.dumps(rounded, indent=1, ensure_ascii=False) + "\n")
    print(f"{WEIGHTS}: fitted to {len(bugs)} bugs")


if __name__ == "__main__":
    main(sys.argv[1:])
