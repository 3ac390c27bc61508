"""How fast training is on one core, and where the time goes.

    python benchmarks/training.py [--corpus NAME|FOLDER] [--batches N] [--repeat N] [--hidden N --layers N]

On real functions: of a built corpus (by default ``release`` where there is one), else of a few modules of the running
interpreter's standard library.  Everything runs on one thread and is measured in CPU seconds, user + system; of ``--repeat``
times the least counts, for every batch by itself.  A function counts once in a detector's step, which judges it with one bug;
in a step of the game it counts once too, though it is judged with and without a bug there and the selector learns as well.

The limit is what the matrix products alone would take at the rate of one large product on this core.  The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import functools
import json
import resource
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from buglab.data.dataset import Corpus
from buglab.data.home import home
from buglab.detector.loss import detector_loss
from buglab.graph.build import extract
from buglab.graph.pack import Budget, Packed, pack
from buglab.graph.schema import CodeGraph
from buglab.models.batch import Batch, mutate
from buglab.models.config import NetworkConfig
from buglab.models.network import Network
from buglab.rewrites.source import Source
from buglab.selector.sampling import draw
from buglab.selector.uniform import uniform_log_p
from buglab.train.replicas import Replicas
from buglab.train.step import Game, GameConfig

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = (
    "argparse",
    "calendar",
    "configparser",
    "difflib",
    "heapq",
    "ipaddress",
    "mailbox",
    "plistlib",
    "statistics",
    "tarfile",
)
RELEASE = NetworkConfig(hidden=96, layers=5)
KINDS = {
    "products": ("::mm", "::addmm", "::bmm"),
    "gather and scatter": ("embedding", "::index", "::scatter", "::gather", "::stack", "::cat"),
    "gelu": ("::gelu",),
    "norm": ("layer_norm",),
    "copies and casts": ("::copy_", "::fill_"),
    "sums": ("::add", "::sum"),
    "update": ("adam", "vector_norm", "::mul_"),
}
"""Operators by what they do: part of their names."""


def functions(corpus: str, count: int) -> tuple[list[CodeGraph], str]:
    """``count`` graphs in the order of training's shuffle, and where they are from."""
    folder = Path(corpus) if Path(corpus).is_dir() else home() / "corpora" / (corpus or "release")
    if corpus or (folder / "corpus.json").exists():
        split = Corpus(folder).split("train")
        rows = np.random.default_rng(0).permutation(len(split))[:count]
        return [split[int(row)] for row in rows], f"corpus {folder.name}"
    texts = [(STDLIB / f"{name}.py").read_text(encoding="utf-8") for name in MODULES]
    graphs = [unit.graph for text in texts for unit in extract(Source.parse(text)) if unit.graph.num_sites]
    return [graphs[i] for i in np.random.default_rng(0).permutation(len(graphs))[:count]], f"{len(MODULES)} stdlib modules"


def scaled(factor: float) -> Budget:
    """The default budget times ``factor``, edges left out: their blocks are shared by few."""
    names = ("nodes", "texts", "sites", "options", "cells", "graphs")
    return Budget(**{name: int(getattr(Budget(), name) * factor) for name in names})


def packed(graphs: list[CodeGraph], budget: Budget, batches: int) -> Iterator[tuple[list[CodeGraph], Packed]]:
    """Full batches as training packs them, each with the graphs it was packed from."""
    graphs = list(graphs)
    for _ in range(batches):
        ahead = graphs[: budget.graphs + 64]
        batch, left = pack(ahead, budget)
        yield ahead, batch
        graphs = [ahead[i] for i in left] + graphs[len(ahead) :]


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def least(work: Callable[[], object], repeat: int) -> float:
    """CPU seconds of the quickest of ``repeat`` runs, after one that does not count."""
    taken = []
    for _ in range(repeat + 1):
        before = cpu_s()
        work()
        taken.append(cpu_s() - before)
    return min(taken[1:])


class Detector:
    """Forward, backward and update on functions with one bug each."""

    def __init__(self, config: NetworkConfig, bf16: bool) -> None:
        torch.manual_seed(0)
        self.network = Network(config)
        self.optimiser = torch.optim.AdamW([p for p in self.network.parameters() if p.requires_grad], lr=1e-3, fused=True)
        self.bf16 = bf16

    def step(self, mutant: Batch, repair: torch.Tensor, planted: torch.Tensor) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits = self.network(mutant)
        Replicas().mean_over(detector_loss(mutant, logits, repair), planted).backward()
        self.update()

    def update(self) -> None:
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)


def planted(batch: Batch) -> tuple[Batch, torch.Tensor, torch.Tensor]:
    """Mutant, row of its repair and whether there is one."""
    option = draw(batch, uniform_log_p(batch), torch.Generator().manual_seed(0))
    repair = batch.chosen[batch.option_site[option]]
    return mutate(batch, option), repair, batch.is_real & (option != len(batch.option_site) - 1)


def fill(batches: Sequence[Packed], budget: Budget) -> dict[str, float]:
    """Share of each number of the budget that is used."""
    of: dict[str, list[float]] = {name: [] for name in ("graphs", "nodes", "edges", "texts", "sites", "options", "cells")}
    for batch in batches:
        of["graphs"].append(batch.graphs[0] / budget.graphs)
        of["nodes"].append((batch.text != budget.texts - 1).mean())
        of["edges"].append((batch.source != budget.nodes - 1).mean())
        of["texts"].append((batch.text.max(where=batch.text != budget.texts - 1, initial=0) + 1) / budget.texts)
        of["sites"].append((batch.site_graph != budget.graphs - 1).mean())
        of["options"].append((batch.option_site != budget.sites - 1).mean())
        of["cells"].append(batch.option_cells.sum(axis=1).max() / budget.cells)
    return {name: float(np.mean(values)) for name, values in of.items()}


def parts(graphs: list[CodeGraph], budget: Budget, repeat: int) -> dict[str, float]:
    """CPU milliseconds of each part of the release configuration's game step in bf16."""
    game = Game(RELEASE, GameConfig(), torch.device("cpu"), bf16=True)
    network, selector, dice = game.detector, game.selector, torch.Generator().manual_seed(0)
    assert selector is not None
    made = pack(graphs, budget)[0]
    batch = Batch.of(made)
    mutant, repair, _ = planted(batch)
    option = draw(batch, uniform_log_p(batch), dice)
    prior, logits = game.prior(batch), network(batch)
    hidden = network.embedding(mutant, network.embedding.texts(mutant)).detach().requires_grad_()

    def both_ways(forward: Callable[[], torch.Tensor]) -> float:
        def run() -> None:
            with game.autocast():
                out = forward()
            out.float().clamp_min(-30).mean().backward()

        return 1e3 * least(run, repeat)

    def update() -> None:
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        game.detector_optimiser.step()
        game._average()

    embedding = both_ways(lambda: network.embedding(mutant, network.embedding.texts(mutant)))
    layers = both_ways(lambda: network.encoder(hidden, mutant.edges))
    whole = both_ways(lambda: detector_loss(mutant, network(mutant), repair))
    return {
        "pack (another thread)": 1e3 * least(lambda: pack(graphs, budget), repeat),
        "to tensors": 1e3 * least(lambda: Batch.of(made), repeat),
        "draw": 1e3 * least(lambda: draw(batch, game.prior(batch), dice), repeat),
        "selector": both_ways(lambda: selector(batch, prior, logits)),
        "mutate": 1e3 * least(lambda: mutate(batch, option), repeat),
        "group edges, twice": 2e3 * least(lambda: mutate(batch, option).edges.stars, repeat),
        "embedding, twice": 2 * embedding,
        "layers, twice": 2 * layers,
        "heads and loss, twice": 2 * (whole - embedding - layers),
        "update and average": 1e3 * least(update, repeat),
    }


def shares(step: Callable[[], object]) -> dict[str, float]:
    """Share of a step's time by what the operators do."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        step()
    taken = {event.key: event.self_cpu_time_total for event in profiled.key_averages()}
    total = sum(taken.values())
    found = {kind: sum(t for name, t in taken.items() if any(n in name for n in names)) for kind, names in KINDS.items()}
    found["other"] = total - sum(found.values())
    return {kind: value / total for kind, value in found.items()}


def rate(bf16: bool) -> float:
    """FLOP/s of one large product."""
    one = torch.randn(2048, 2048, dtype=torch.bfloat16 if bf16 else torch.float32)
    return 2 * 2048**3 / least(lambda: one @ one, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="", help="name or folder of a built corpus")
    parser.add_argument("--batches", type=int, default=4, help="batches to measure on")
    parser.add_argument("--repeat", type=int, default=5, help="times that each is measured; the least counts")
    parser.add_argument("--hidden", type=int, default=128, help="of the detector that is measured by itself")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument(
        "--nodes", type=int, default=Budget().nodes, help="of the budget; its other numbers follow, but for the edges"
    )
    given = parser.parse_args()
    torch.set_num_threads(1)
    budget, config = scaled(given.nodes / Budget().nodes), NetworkConfig(hidden=given.hidden, layers=given.layers)
    graphs, where = functions(given.corpus, (given.batches + 1) * budget.graphs + 64)
    sample = list(packed(graphs, budget, given.batches))
    batches = [batch for _, batch in sample]
    number = sum(int(batch.graphs[0]) for batch in batches)
    mutants = [planted(Batch.of(batch)) for batch in batches]

    print(f"{number} functions in {len(batches)} batches of {budget.nodes} nodes; {where}; one thread, CPU seconds\n")
    print(f"{'share of the budget in use:':<36}" + ", ".join(f"{k} {v:.0%}" for k, v in fill(batches, budget).items()))
    stars = [sum(mutant.edges.stars.sizes) / (mutant.source != budget.nodes - 1).sum() / 2 for mutant, _, _ in mutants]
    print(f"{'rows multiplied for each message:':<36}{float(np.mean(stars)):.2f}\n")

    print(f"{'functions/CPU-s':<36}{'fp32':>8}{'bf16':>8}")
    steps, games, limits, flops = {}, {}, {}, 0
    for precision in ("fp32", "bf16"):
        detector = Detector(config, precision == "bf16")
        if not flops:
            with FlopCounterMode(display=False) as counter:
                detector.step(*mutants[0])
            flops = counter.get_total_flops()
        for mutant in mutants:
            detector.step(*mutant)  # every shape once
        steps[precision] = number / sum(least(functools.partial(detector.step, *mutant), given.repeat) for mutant in mutants)
        game = Game(RELEASE, GameConfig(), torch.device("cpu"), bf16=precision == "bf16")
        games[precision] = number / sum(least(functools.partial(game.step, batch, 0.1), given.repeat) for batch in batches)
        limits[precision] = rate(precision == "bf16") / (flops / int(batches[0].graphs[0]))
    for label, row in (
        (f"detector, {config.hidden} x {config.layers}", steps),
        ("  limit: its products alone", limits),
        (f"game, {RELEASE.hidden} x {RELEASE.layers}, learned selector", games),
    ):
        print(f"{label:<36}{row['fp32']:>8.0f}{row['bf16']:>8.0f}")
    print(f"{'products for each function, MFLOP':<36}{flops / int(batches[0].graphs[0]) / 1e6:>8.0f}\n")

    by_part = parts(sample[0][0], budget, given.repeat)
    print("a step of the game, bf16, CPU ms")
    for name, value in by_part.items():
        print(f"  {name:<34}{value:>8.1f}")
    print("\na step of the detector, bf16, by operators")
    for name, share in shares(lambda: detector.step(*mutants[0])).items():
        print(f"  {name:<34}{share:>8.0%}")

    best = max(steps, key=lambda p: steps[p])
    result = {
        "functions_per_cpu_s": round(steps[best], 1),
        "precision": best,
        "fp32_functions_per_cpu_s": round(steps["fp32"], 1),
        "game_functions_per_cpu_s": round(games[best], 1),
        "limit_functions_per_cpu_s": round(limits[best], 1),
        "functions": number,
    }
    print("\n" + json.dumps(result))


if __name__ == "__main__":
    main()
