"""A stack of message-passing layers with residual connections."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from .config import NetworkConfig
from .edges import Edges
from .layers.registry import make_layers


class Encoder(nn.Module):
    """h <- h + dropout(gelu(layer(norm(h)))), once a layer; normalised at the end.  Attention goes without the gelu.

    Shapes: hidden [nodes, d] -> [nodes, d].
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(make_layers(config))
        self.norms = nn.ModuleList(nn.LayerNorm(config.hidden) for _ in range(len(self.layers) + 1))
        self.dropout = config.dropout

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=False):
            update = layer(norm(hidden), edges)
            if layer.activated:
                update = F.gelu(update, approximate="tanh")
            hidden = hidden + F.dropout(update, self.dropout, self.training)
        return self.norms[-1](hidden)
