"""What every layer is to the encoder."""

from __future__ import annotations

from torch import Tensor, nn

from ..edges import Edges


class Layer(nn.Module):
    """``layer(hidden [nodes, d], edges) -> [nodes, d]``, the update of a residual stream."""

    activated = True
    """whether the encoder applies its nonlinearity to the update"""

    def forward(self, hidden: Tensor, edges: Edges) -> Tensor:
        raise NotImplementedError
