"""Schemas of the root configurations.  Hydra composes YAML into them; unknown keys and wrong types are refused there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from ..data.config import CorpusConfig
from ..data.mining.config import MiningConfig
from ..graph.pack import Budget
from ..models.config import NetworkConfig
from .loop import Limits
from .profiling import ProfileConfig
from .step import GameConfig
from .tracking import TrackingConfig


@dataclass
class DeviceConfig:
    """Where the networks run."""

    name: str = "auto"
    """auto, cpu, cuda or hpu"""
    threads: int = 0
    """threads of the CPU; 0 = PyTorch's choice"""
    bf16: bool = False
    """autocast to bfloat16"""


@dataclass
class TrainConfig:
    """``buglab train``"""

    name: str = "train"
    """of the run's folder and of the run in MLflow"""
    seed: int = 0
    resume: str = ""
    """last, or a run's folder or checkpoint: continue that run"""
    start_from: str = ""
    """a run's folder or checkpoint: a new run that begins with its weights and optimisers, on whatever corpus; or an exported
    model's folder, or `embedded`: begins with the detector's weights"""
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    more_corpora: list[str] = field(default_factory=list)
    """names or folders of further corpora, already built"""
    more_share: float = 0.0
    """share of the functions that are drawn from ``more_corpora``; 0 = as many as there are"""
    by_sites: float = 0.0
    """functions are drawn in proportion to the number of their sites to this power; 0 = all alike, 1 = as real bugs fall"""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    game: GameConfig = field(default_factory=GameConfig)
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    device: DeviceConfig = field(default_factory=DeviceConfig)
    profile: ProfileConfig = field(default_factory=ProfileConfig)
    valid_functions: int = 1000
    """held-back functions of the validation during training"""
    build_corpus: bool = False
    """build the corpus if it is missing"""
    finish: bool = False
    """evaluate and export at the end"""


@dataclass
class CorpusCommand:
    """``buglab corpus``"""

    corpus: CorpusConfig = field(default_factory=CorpusConfig)


@dataclass
class Measuring:
    """What ``evaluate`` and ``export`` have in common: the figures, the calibration and the threshold."""

    weights: str = "average"
    """average or last"""
    averaged_with: list[str] = field(default_factory=list)
    """further runs or checkpoints: the mean of all their weights is taken"""
    corpora: list[str] = field(default_factory=list)
    """names or folders of corpora; empty = what the run was trained on"""
    functions: int = 5000
    """of projects that were never trained on, which are judged; 0 = all"""
    kinds: str = "fixes"
    """of the bugs that are planted, for the figures and for the calibration; see ``game.kinds``"""
    calibration_functions: int = 50000
    calibration_corpora: list[str] = field(default_factory=list)
    """names or folders of further corpora whose validation functions take part in the calibration"""
    fixes: list[str] = field(default_factory=list)
    """names or folders of corpora of real fixes, whose training functions teach beside planted bugs what makes a finding right;
    empty = the score alone tells, with a curve per rule"""
    prior: float = 0.01
    """expected share of functions with a bug, to which confidences are calibrated"""
    alarms_per_function: float = 0.0005
    """share of clean functions that may alarm at the default threshold"""
    seed: int = 0
    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    device: DeviceConfig = field(default_factory=DeviceConfig)


@dataclass
class EvaluateConfig(Measuring):
    """``buglab evaluate``"""

    name: str = "evaluate"
    checkpoint: str = "last"
    """last or best (of the newest run), a run's or a checkpoint's folder, or none: an untrained network, the floor"""
    like: str = "last"
    """with checkpoint=none, the run whose network and corpus are taken"""
    split: str = "test"
    """whose functions are judged"""
    calibration_split: str = "valid"
    floor: bool = True
    """judge an untrained network too"""
    clones: str = ""
    """folder with clones of repositories: judge an exported model on the real fixes in their histories, and nothing else"""
    fold: str = "development-test"
    """whose real fixes judge"""
    context: bool = True
    """show the model what real fixes' files import from their project, as a scan does"""
    model: str = ""
    """folder of the exported model that real fixes judge; empty = the one in the package"""


@dataclass
class ExportConfig(Measuring):
    """``buglab export``"""

    name: str = "export"
    checkpoint: str = "best"
    """a run's or a checkpoint's folder, or last or best of the newest run"""
    model: str = ""
    """name of the model; empty = run and step"""
    output: str = ""
    """folder to write; empty = ``model`` in this command's run folder"""
    embed: bool = False
    """write into the installed package, where the scanner finds it"""
    parity_functions: int = 200
    """real functions on which the scanner's runtime is compared with torch"""


@dataclass
class HardenConfig:
    """``buglab harden``"""

    name: str = "hard"
    """of the corpus that is written; training takes it with ``more_corpora``"""
    checkpoint: str = "last"
    """a run's or a checkpoint's folder, or last or best of the newest run"""
    weights: str = "average"
    """average or last"""
    of: str = "release"
    """name or folder of the corpus whose clean functions are looked at"""
    functions: int = 40000
    """how many of its training split; 0 = all"""
    worst: int = 2000
    """functions to keep: those with the worst alarms"""
    beside: int = 2000
    """others to keep beside them, at random, so that what was learnt is not forgotten"""
    seed: int = 0
    device: DeviceConfig = field(default_factory=DeviceConfig)


SCHEMAS = {
    "export": ExportConfig,
    "train": TrainConfig,
    "corpus": CorpusCommand,
    "evaluate": EvaluateConfig,
    "harden": HardenConfig,
    "mine": MiningConfig,
}
"""Of the root configurations ``conf/<name>.yaml``."""

Root = TypeVar("Root")


def register() -> None:
    """Put the schemas where the YAML files find them."""
    store = ConfigStore.instance()
    for name, node in SCHEMAS.items():
        store.store(name=f"{name}_schema", node=schema(node))


def typed(config: DictConfig, root: type[Root]) -> Root:
    """The composed configuration as the dataclass that the code works with."""
    made = OmegaConf.to_object(config)
    assert isinstance(made, root)
    return made


def schema(node: type) -> DictConfig:
    """A structured config that YAML can be merged into, also where a dataclass is frozen for the code that receives it."""
    config = OmegaConf.structured(node)
    _thaw(config)
    return config


def _thaw(config: DictConfig) -> None:
    OmegaConf.set_readonly(config, None)
    for key in config:
        if not OmegaConf.is_missing(config, key) and OmegaConf.is_dict(config[key]):
            _thaw(config[key])
