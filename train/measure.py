"""What the detector says about held-back functions, each once as it is and once with one bug."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray

from ..data.dataset import Split
from ..detector.decode import Verdict, decode
from ..graph.pack import Budget, Packed, pack
from ..graph.schema import CodeGraph
from ..models.batch import Batch, mutate
from ..models.network import Logits, Network
from ..models.segments import LOW, segment_argmax
from ..scan.features import features
from ..scan.reliability import NUMBERS
from ..scan.runtime import Scores
from ..selector.sampling import draw, injectable
from .prior import prior_log_p

Detect = Callable[[Batch], Logits]


@dataclass(frozen=True)
class Judged:
    """One entry for each function that can carry a bug, in the order given."""

    rule: NDArray[np.int32]
    """[functions] of the planted bug, in RULES"""
    top_rule: NDArray[np.int32]
    """[functions] of the best rewrite of the mutant"""
    placed: NDArray[np.bool_]
    """[functions] it is at the bug's site"""
    solved: NDArray[np.bool_]
    """[functions] it restores the original"""
    repaired: NDArray[np.bool_]
    """[functions] the best option at the bug's site restores the original, whatever else the detector thinks"""
    clean_rule: NDArray[np.int32]
    """[functions] of the best rewrite of the function as it is"""
    features: NDArray[np.float64]
    """[functions, numbers] what is known of the best rewrite of the mutant (``scan.features``)"""
    clean_features: NDArray[np.float64]
    """[functions, numbers] and of the function as it is"""
    place: NDArray[np.int64]
    """[functions] among those that were given"""

    def __len__(self) -> int:
        return len(self.rule)

    @property
    def score(self) -> NDArray[np.float64]:
        """[functions] log p(rewrite) - log p(NO_BUG) of the best rewrite of the mutant."""
        return self.features[:, 0]

    @property
    def clean_score(self) -> NDArray[np.float64]:
        """[functions] of the function as it is."""
        return self.clean_features[:, 0]


@torch.inference_mode()
def alarms(detect: Detect, graphs: Iterable[CodeGraph], budget: Budget, device: torch.device) -> dict[int, float]:
    """The score of the best rewrite of each function as it is, by its place in ``graphs``; without those that fit no batch."""
    found: dict[int, float] = {}
    for packed, places in packed_in_order(graphs, budget):
        batch = Batch.of(packed, device)
        score, _, _ = _best(batch, detect(batch))
        found.update(zip(places, score[: len(places)].tolist(), strict=True))
    return found


@torch.inference_mode()
def judge(
    detect: Detect, graphs: Iterable[CodeGraph], budget: Budget, seed: int, device: torch.device, kinds: str = "fixes"
) -> Judged:
    """Plant one bug in every function, its real one or else one of ``kinds``, and ask the detector about mutant and original.

    Depends on the seed and the order of the graphs alone; uses a generator of its own.  Functions without a possible bug, and
    those that exceed an empty batch, are left out.
    """
    dice = torch.Generator().manual_seed(seed)
    functions = list(graphs)
    parts = [
        _judge(detect, Batch.of(packed, device), [functions[place] for place in places], places, dice, kinds)
        for packed, places in packed_in_order(functions, budget)
    ]
    if not parts:
        raise ValueError("there are no functions to judge")
    return Judged(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Judged)})


def packed_in_order(graphs: Iterable[CodeGraph], budget: Budget) -> Iterator[tuple[Packed, list[int]]]:
    """All graphs once, in batches, each with the places of its graphs in ``graphs``; what never fits is left out."""
    waiting: list[tuple[int, CodeGraph]] = []
    iterator = enumerate(graphs)
    while True:
        waiting.extend(item for _, item in zip(range(budget.graphs - len(waiting)), iterator, strict=False))
        if not waiting:
            return
        packed, left = pack([graph for _, graph in waiting], budget)
        if len(left) < len(waiting):
            stay = set(left)
            yield packed, [place for index, (place, _) in enumerate(waiting) if index not in stay]
        elif len(waiting) > 1:  # none fits: the first never will, and what is behind it was only kept out by nothing
            left = left[1:]
        else:
            left = []
        waiting = [waiting[i] for i in left]


def _judge(
    detect: Detect, batch: Batch, graphs: Sequence[CodeGraph], places: Sequence[int], dice: torch.Generator, kinds: str
) -> Judged:
    padding = len(batch.option_site) - 1
    real = injectable(batch).index_select(0, batch.bug)
    option = torch.where(real, batch.bug, draw(batch, prior_log_p(batch, kinds), dice))
    planted = batch.is_real & (option != padding)
    site = batch.option_site.index_select(0, option)
    original = batch.chosen.index_select(0, site)
    mutant = mutate(batch, option)
    _, top, verdict = _best(mutant, detect(mutant))
    _, clean_top, clean_verdict = _best(batch, detect(batch))
    at_site = torch.where(batch.option_site == site[batch.site_graph[batch.option_site]], verdict.repair, LOW)
    best_here = segment_argmax(at_site, batch.site_graph[batch.option_site], batch.num_graphs, padding)
    mine = planted.cpu().numpy()[: len(graphs)]

    def rules(sites: torch.Tensor) -> NDArray[np.int32]:
        return batch.site_rule[sites][planted].cpu().numpy().astype(np.int32)

    def flags(values: torch.Tensor) -> NDArray[np.bool_]:
        return values[planted].cpu().numpy()

    return Judged(
        rule=rules(site),
        top_rule=rules(batch.option_site[top]),
        placed=flags(batch.option_site[top] == site),
        solved=flags(top == original),
        repaired=flags(best_here == original),
        clean_rule=rules(batch.option_site[clean_top]),
        features=_features(graphs, mine, mutant, verdict, top),
        clean_features=_features(graphs, mine, batch, clean_verdict, clean_top),
        place=np.array(places, np.int64)[mine],
    )


def _features(
    graphs: Sequence[CodeGraph], mine: NDArray[np.bool_], batch: Batch, verdict: Verdict, top: torch.Tensor
) -> NDArray[np.float64]:
    """[those of ``mine``, numbers] what the scanner would know of their rewrites ``top``; the batch holds ``graphs``, mutated
    or not."""
    option, chosen, best, no_bug = (
        values.cpu().numpy() for values in (verdict.option.float(), batch.chosen, top, verdict.no_bug)
    )
    option = np.where(option > LOW / 2, option, -np.inf)
    rows = []
    first = first_site = 0
    for number, graph in enumerate(graphs):
        if mine[number]:
            written = chosen[first_site : first_site + graph.num_sites] - first - graph.option_ptr[:-1]
            shown = replace(graph, chosen=written.astype(np.int32))
            known = features(shown, Scores(float(no_bug[number]), option[first : first + graph.num_options]))
            rows.append(known[best[number] - first])
        first, first_site = first + graph.num_options, first_site + graph.num_sites
    return np.array(rows).reshape(-1, len(NUMBERS))


def _best(batch: Batch, logits: Logits) -> tuple[torch.Tensor, torch.Tensor, Verdict]:
    """[graphs] score of the best rewrite, [graphs] its row, and the whole verdict."""
    verdict = decode(batch, Logits(*(getattr(logits, f.name).float() for f in fields(Logits))))
    graph = batch.site_graph.index_select(0, batch.option_site)
    top = segment_argmax(verdict.option, graph, batch.num_graphs, len(batch.option_site) - 1)
    return verdict.option.index_select(0, top) - verdict.no_bug, top, verdict


def figures(judged: Judged) -> dict[str, float]:
    """The few figures that validation during training logs."""
    alarm = judged.score > 0
    threshold = np.quantile(judged.clean_score, 0.99)
    return {
        "valid/joint": float((alarm & judged.solved).mean()),
        "valid/localization": float((alarm & judged.placed).mean()),
        "valid/repair": float(judged.repaired.mean()),
        "valid/false_alarms": float((judged.clean_score > 0).mean()),
        "valid/solved": float(judged.solved.mean()),
        "valid/recall_at_fpr_1": float((judged.solved & (judged.score > threshold)).mean()),
    }


def sample(split: Split, count: int, seed: int) -> list[CodeGraph]:
    """``count`` functions of a split (0 = all), the same ones for the same seed."""
    return [split[row] for row in sample_rows(split, count, seed)]


def sample_rows(split: Split, count: int, seed: int) -> list[int]:
    """Which functions ``sample`` takes."""
    return [int(row) for row in np.random.default_rng(seed).permutation(len(split))[: count or None]]


def averaged(network: Network, weights: dict[str, torch.Tensor]) -> Detect:
    """A copy of the network with other weights, in evaluation mode; not compiled, where the network is."""
    twin = copy.deepcopy(network).eval()
    twin.load_state_dict(weights)
    return twin
