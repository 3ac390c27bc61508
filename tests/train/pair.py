"""What two processes do under ``torchrun`` in test_replicas.py, and what one process does on their doubled batch."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from unittest.mock import patch

import torch
from accelerate import Accelerator
from safetensors.torch import save_file
from torch import Tensor

from buglab.data.dataset import Corpus
from buglab.graph.pack import Budget, pack
from buglab.models.batch import Batch
from buglab.models.config import NetworkConfig
from buglab.models.segments import LOW, segment_argmax
from buglab.train import step
from buglab.train.main import main
from buglab.train.replicas import Replicas, join

HALF = Budget(nodes=1200, blocks=96, block=64, texts=800, sites=800, options=4000, cells=30000, graphs=16)
WHOLE = Budget(**{f.name: getattr(HALF, f.name) * (1 if f.name == "block" else 2) for f in fields(Budget)})


def draw(batch: Batch, log_p: Tensor, generator: torch.Generator) -> Tensor:
    """As the game draws, but by dice that depend on an option's place within its graph, not within the batch."""
    graph = batch.site_graph.index_select(0, batch.option_site)
    rows = torch.arange(len(graph))
    first = torch.full((batch.num_graphs,), len(graph)).scatter_reduce(0, graph, rows, "amin")
    noise = 3 * torch.sin(12.9898 * (rows - first[graph]).float())
    return segment_argmax(torch.where(log_p > LOW / 2, log_p + noise, LOW), graph, batch.num_graphs, len(log_p) - 1)


def play(corpus: Path, replicas: Replicas, together: bool) -> dict[str, Tensor]:
    """Three steps on the graphs of this process, or of both; returns metrics, moments and weights."""
    with patch.object(step, "draw", draw):
        return _play(corpus, replicas, together)


def _play(corpus: Path, replicas: Replicas, together: bool) -> dict[str, Tensor]:
    split = Corpus(corpus).split("train")
    graphs = sorted(split, key=lambda graph: graph.num_nodes)[:12]
    halves = [graphs[0::3] + graphs[1::3], graphs[2::3]]  # not equally many
    budget = WHOLE if together else HALF
    game = step.Game(
        NetworkConfig(hidden=12, layers=2),
        step.GameConfig(selector_hidden=8, selector_share=1.0, warmup=1),
        torch.device("cpu"),
        seed=3,
        replicas=replicas,
    )
    packed, left = pack(halves[0] + halves[1] if together else halves[replicas.rank], budget)
    assert not left
    result: dict[str, Tensor] = {}
    for number in range(3):
        parts = {name: float(value) for name, value in game.step(packed, 0.0).items()}
        result |= {f"metrics/{number}/{name}": torch.tensor(value) for name, value in replicas.sums(parts).items()}
    return result | {name: value for name, value in game.state_dict().items() if "dice" not in name}


def both(corpus: Path, out: Path, tiny: list[str]) -> None:
    """The part of one of the two processes."""
    for name, more in (("whole", ["limits.max_steps=2"]), ("halves", ["limits.max_steps=1"])):
        assert main([*tiny, f"name={name}", "game.decay_from=1.0", *more]) == 0
    assert main(["name=halves", "resume=last", "limits.max_steps=2"]) == 0
    replicas = join(Accelerator(cpu=True))
    played = play(corpus, replicas, together=False)
    if replicas.rank == 0:
        save_file(played, out)


if __name__ == "__main__":
    both(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
