"""Layers by the name a config gives them."""

from __future__ import annotations

from torch import nn

from ..config import NetworkConfig
from .relational import Relational


def make_layer(config: NetworkConfig) -> nn.Module:
    """The layer ``config.layer`` names; raises ValueError for a name nobody knows."""
    if config.layer == "relational":
        return Relational(config.hidden, config.aggregate)
    from .pyg import PYG_LAYERS, PyGLayer  # torch-geometric takes seconds to import

    if config.layer in PYG_LAYERS:
        return PyGLayer(config.layer, config.hidden)
    raise ValueError(f"network.layer is {config.layer!r}; it can be relational, {', '.join(sorted(PYG_LAYERS))}")
