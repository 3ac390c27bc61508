"""What it costs that nothing is proposed against code that is meant as it is written (`scan/deliberate.py`), and what it saves.

    python benchmarks/deliberate.py PATHS... [--bugs N] [--model FOLDER] [--seed S]

PATHS are folders of code that is believed to be right and that nobody trained on; tests belong to it, for much of this is about
them.  Of files in random order, each seen alone, every function is scored as it is, and up to three once more, each with one
bug, as people make them and none that linters find, until there are N bugs.  The best candidate of a function is taken twice:
as a scan takes it, and from all rewrites.  A bug is found where it is the bug's repair; without a bug it is a false alarm.

For each threshold of confidence, the model's first: what there is without the exceptions, what they silence of that, and what
only comes up where something else was silenced.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from buglab.graph.build import UnitGraph, extract
from buglab.graph.pack import Budget, pack
from buglab.models.batch import Batch
from buglab.models.segments import LOW
from buglab.rewrites.base import Edit
from buglab.rewrites.source import Source, Unreadable, decode, on_deep_stack
from buglab.scan.candidates import Candidate, ranked_candidates
from buglab.scan.deliberate import deliberate
from buglab.scan.runtime import EMBEDDED, Runtime
from buglab.selector.linted import linted
from buglab.selector.sampling import draw, normalise
from buglab.train.intervals import wilson
from buglab.train.prior import prior_log_p

LOWER = (0.1, 0.05)
"""Thresholds beside the model's."""

MOST_BYTES = 40_000
"""Larger files are left out: every mutant is parsed again as a whole."""

BUGS_OF_A_FILE = 3

Right = Callable[[Candidate], bool]
"""Whether a candidate is what is counted."""

Pair = tuple[float, float]
"""Confidence of a function's best candidate as a scan takes it, and from all rewrites; 0 where it is not what is counted."""


class Judge:
    """Asks the detector for the best candidates."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def __call__(self, source: Source, graphs: Sequence[UnitGraph], right: Right) -> list[Pair]:
        """One for each unit that has a candidate."""
        scores = self.runtime.score([found.graph for found in graphs])
        heeding, regardless = (ranked_candidates(graphs, scores, meant) for meant in (deliberate(source), {}))
        return [(self._confidence(heeding[unit], right), self._confidence(ranks, right)) for unit, ranks in regardless.items()]

    def _confidence(self, ranks: Sequence[Candidate], right: Right) -> float:
        best = ranks[0] if ranks else None
        return self.runtime.confidence(best.site.rule.code, best.score) if best is not None and right(best) else 0.0


def files(paths: Sequence[Path], chance: random.Random) -> Iterator[Source]:
    found = sorted(file for path in paths for file in path.rglob("*.py") if file.stat().st_size <= MOST_BYTES)
    chance.shuffle(found)
    for file in found:
        try:
            yield Source.parse(decode(file.read_bytes()))
        except Unreadable:
            continue


def bugs(graphs: Sequence[UnitGraph], generator: torch.Generator) -> Iterator[tuple[UnitGraph, Edit]]:
    """One for each graph, as people make them; none where it has no place for one."""
    packed, left = pack([one.graph for one in graphs], Budget())
    inside = [one for at, one in enumerate(graphs) if at not in set(left)]
    batch = Batch.of(packed)
    log_p = normalise(batch, torch.where(linted(batch), LOW, prior_log_p(batch, "fixes")))
    rows = draw(batch, log_p, generator).tolist()
    first = 0
    for one, row in zip(inside, rows, strict=False):
        for site, begin, end in zip(one.sites, one.graph.option_ptr[:-1], one.graph.option_ptr[1:], strict=True):
            if begin <= row - first < end and log_p[row] > LOW / 2:
                edit = site.options[row - first - begin].edit
                assert edit is not None, "what is injected changes something"
                yield one, edit
        first += one.graph.num_options


def shares(label: str, pairs: Sequence[Pair], threshold: float) -> dict[str, int]:
    """Print and return how many reach the threshold."""
    hits = [(heeding >= threshold, regardless >= threshold) for heeding, regardless in pairs]
    without = sum(regardless for _, regardless in hits)
    silenced = sum(regardless and not heeding for heeding, regardless in hits)
    come_up = sum(heeding and not regardless for heeding, regardless in hits)
    counts = f"{len(hits):>10,}{without:>9,}{silenced:>10,}  {wilson(silenced, without)!s:<22}{come_up:>7,}"
    print(f"{label:<24}{threshold:>10.2f}{counts}")
    return {"cases": len(hits), "without": without, "silenced": silenced, "come_up": come_up}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, help="folders of code that is believed to be right")
    parser.add_argument("--bugs", type=int, default=1_000, help="functions with an injected bug")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder of an exported model (default: the embedded one)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    judge = Judge(Runtime.load(given.model))
    chance, generator = random.Random(given.seed), torch.Generator().manual_seed(given.seed)
    planted: list[Pair] = []
    clean: list[Pair] = []
    for source in files(given.paths, chance):
        graphs = [one for one in extract(source) if one.unit.kind == "function"]
        if not graphs:
            continue
        clean += judge(source, graphs, lambda _: True)
        for one, edit in bugs(chance.sample(graphs, min(BUGS_OF_A_FILE, len(graphs))), generator):
            mutant = Source.parse(edit.apply(source.text))
            unit = mutant.units[source.units.index(one.unit)]
            graphs_of_unit = [found for found in extract(mutant) if found.unit is unit]
            planted += judge(mutant, graphs_of_unit, repairs_to(source.text, mutant.text))
        if len(planted) >= given.bugs:
            break
    print(f"{'':<24}{'threshold':>10}{'functions':>10}{'without':>9}{'silenced':>10}  {'of those':<22}{'come up':>7}")
    result: dict[str, object] = {}
    for threshold in (judge.runtime.threshold, *LOWER):
        result[f"found_{threshold:.2f}"] = shares("bugs found", planted, threshold)
        result[f"alarms_{threshold:.2f}"] = shares("false alarms", clean, threshold)
    print(json.dumps(result))


def repairs_to(right: str, wrong: str) -> Right:
    """Whether a candidate makes the one text of the other."""

    def repairs(candidate: Candidate) -> bool:
        edit = candidate.site.options[candidate.option].edit
        return edit is not None and edit.apply(wrong) == right

    return repairs


if __name__ == "__main__":
    on_deep_stack(main)
