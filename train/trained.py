"""A detector read back from a checkpoint, or an untrained one of the same size as the floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from ..data.home import home
from ..graph.labels import SCHEMA_HASH
from ..models.config import NetworkConfig
from ..models.network import Network
from . import resume
from .checkpoint import State, read_state, read_tensors
from .config import TrainConfig, schema, typed
from .errors import CheckpointError

AVERAGE, WEIGHTS = "average/", "detector/"


@dataclass
class Trained:
    """A detector, the run it comes from and what that run was told."""

    network: Network
    config: TrainConfig
    state: State
    path: Path
    """of the checkpoint"""
    others: list[str] = field(default_factory=list)
    """checkpoints whose weights were averaged with this one's"""

    @property
    def run_folder(self) -> Path:
        return self.path.parent.parent


def load(which: str, weights: str = "average") -> Trained:
    """The detector of a checkpoint: ``last`` (of the newest run), a run's folder, or a checkpoint's.

    ``weights``: ``average`` for the running average, ``last`` for the weights as they are.  Raises CheckpointError.
    """
    path = resume.find(which, home() / "runs", "*")
    state = read_state(path)
    if state.schema_hash != SCHEMA_HASH:
        raise CheckpointError(
            f"the checkpoint {path} was made for graph schema {state.schema_hash[:12]}, this version has {SCHEMA_HASH[:12]}"
        )
    config = typed(resume.merged_with(schema(TrainConfig), state, forget=True), TrainConfig)
    prefix = AVERAGE if weights == "average" else WEIGHTS
    tensors = read_tensors(path, state)
    network = Network(config.network)
    named = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    return Trained(_filled(network, named, path), config, state, path)


def _shape(trained: Trained) -> NetworkConfig:
    """Of its network; what is left out in training changes no shape."""
    return replace(trained.config.network, dropout=0.0, word_dropout=0.0)


def averaged(which: str, weights: str, others: Sequence[str]) -> Trained:
    """As ``load``, with the mean of its weights and those of ``others``: one run and another that began with it often do better
    together than either (Wortsman et al. 2022, "Model soups").  Raises CheckpointError where they are not of one shape."""
    whole = load(which, weights)
    further = [load(other, weights) for other in others]
    mean = {name: value.clone() for name, value in whole.network.state_dict().items()}
    for number, one in enumerate(further, start=2):
        if _shape(one) != _shape(whole):
            raise CheckpointError(f"the networks of {one.path} and {whole.path} differ: their weights have no mean")
        for name, value in one.network.state_dict().items():
            if value.is_floating_point():
                mean[name] += (value - mean[name]) / number
    whole.network.load_state_dict(mean)
    whole.others = [f"{one.config.name}-{one.state.step}" for one in further]
    return whole


def untrained(config: NetworkConfig, seed: int = 0) -> Network:
    """A network as training starts with it."""
    torch.manual_seed(seed)
    return Network(config).eval()


def _filled(network: Network, tensors: dict[str, Tensor], path: Path) -> Network:
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        detail = " ".join(str(error).split())[:300]
        raise CheckpointError(f"the checkpoint {path} does not fit the network that it describes: {detail}") from error
    return network.eval()
