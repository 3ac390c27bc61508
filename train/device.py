"""Which device a run takes, and what that device asks of the networks."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, replace

import torch
from accelerate import Accelerator
from torch import nn

from ..models.config import NetworkConfig
from .config import DeviceConfig
from .errors import TrainError

KINDS = ("auto", "cpu", "cuda", "hpu")


@dataclass(frozen=True)
class Place:
    """Where this process computes."""

    kind: str
    """cpu, cuda or hpu"""
    device: torch.device
    accelerator: Accelerator

    def suited(self, network: NetworkConfig) -> NetworkConfig:
        """The network with the arithmetic that this device is good at: Gaudi has no scatter, so it gets one-hot products."""
        return replace(network, aggregate="onehot") if self.kind == "hpu" else network

    def compile(self, *networks: nn.Module | None) -> None:
        """On Gaudi: compile forward and backward, once for the one shape that batches have (Habana's eager mode)."""
        for network in networks:
            if self.kind == "hpu" and network is not None:
                network.compile(backend="hpu_backend", dynamic=False)


def choose(config: DeviceConfig) -> Place:
    """The device named in the settings, or for ``auto`` the accelerator that is there; sets the number of CPU threads.

    Under ``torchrun`` this is the process's own device, and the processes are connected.  Raises TrainError.
    """
    if config.name not in KINDS:
        raise TrainError(f"device.name is {config.name!r}; it can be auto, cpu, cuda or hpu")
    has_gaudi = importlib.util.find_spec("habana_frameworks") is not None  # importing optimum.habana without it fails
    if config.name == "hpu" and not has_gaudi:
        raise TrainError(
            "device.name is hpu, but habana_frameworks is not installed; use Habana's PyTorch image, or device=cpu"
        )
    if config.name == "cuda" and not torch.cuda.is_available():
        raise TrainError("device.name is cuda, but PyTorch sees no CUDA device; use device=cpu")
    kind = config.name
    if kind == "auto":
        kind = "hpu" if has_gaudi else "cuda" if torch.cuda.is_available() else "cpu"
    accelerator = _gaudi() if kind == "hpu" else Accelerator(cpu=kind == "cpu")
    if config.threads:
        torch.set_num_threads(config.threads)
    return Place(kind, accelerator.device, accelerator)


def _gaudi() -> Accelerator:
    """Optimum-habana's accelerator where it is installed, else accelerate's own, which knows Gaudi too."""
    os.environ.setdefault("PT_HPU_LAZY_MODE", "0")  # eager mode with torch.compile; read when the bridge is imported
    import habana_frameworks.torch.core  # noqa: F401  # registers the device and its compiler

    if importlib.util.find_spec("optimum") and importlib.util.find_spec("optimum.habana"):
        from optimum.habana.accelerate import GaudiAccelerator

        return GaudiAccelerator()
    return Accelerator()
