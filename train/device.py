"""Which device a run takes."""

from __future__ import annotations

import importlib.util

import torch

from .config import DeviceConfig
from .errors import TrainError


def choose(config: DeviceConfig) -> torch.device:
    """The device named in the settings, or for ``auto`` the accelerator that is there; sets the number of CPU threads."""
    if config.threads:
        torch.set_num_threads(config.threads)
    if config.name not in ("auto", "cpu", "cuda", "hpu"):
        raise TrainError(f"device.name is {config.name!r}; it can be auto, cpu, cuda or hpu")
    has_gaudi = importlib.util.find_spec("habana_frameworks") is not None  # importing optimum.habana without it fails
    if config.name == "hpu" and not has_gaudi:
        raise TrainError(
            "device.name is hpu, but habana_frameworks is not installed; use Habana's PyTorch image, or device=cpu"
        )
    if config.name == "cuda" and not torch.cuda.is_available():
        raise TrainError("device.name is cuda, but PyTorch sees no CUDA device; use device=cpu")
    if config.name == "hpu" or (config.name == "auto" and has_gaudi):
        return torch.device("hpu")
    if config.name == "cuda" or (config.name == "auto" and torch.cuda.is_available()):
        return torch.device("cuda")
    return torch.device("cpu")
