"""Layers by the name a config gives them."""

from __future__ import annotations

from ..config import NetworkConfig
from .attention import FeedForward, RelationalAttention
from .base import Layer
from .relational import Relational


def make_layers(config: NetworkConfig) -> list[Layer]:
    """What ``config.layer`` names, ``config.layers`` times; raises ValueError for a name nobody knows.

    ``great`` is a transformer of attention and feed-forward layers.  ``hybrid`` takes turns: message passing first, then
    attention (after the sandwich of Hellendoorn et al. 2020).
    """
    match config.layer:
        case "relational":
            return [_relational(config) for _ in range(config.layers)]
        case "great":
            return [layer for _ in range(config.layers) for layer in (_attention(config), FeedForward(config.hidden))]
        case "hybrid":
            return [(_relational, _attention)[index % 2](config) for index in range(config.layers)]
    from .pyg import PYG_LAYERS, PyGLayer  # torch-geometric takes seconds to import

    if config.layer in PYG_LAYERS:
        return [PyGLayer(config.layer, config.hidden) for _ in range(config.layers)]
    raise ValueError(f"network.layer is {config.layer!r}; it can be relational, great, hybrid, {', '.join(sorted(PYG_LAYERS))}")


def _relational(config: NetworkConfig) -> Layer:
    return Relational(config.hidden, config.aggregate)


def _attention(config: NetworkConfig) -> Layer:
    return RelationalAttention(config.hidden, config.heads, config.window)
