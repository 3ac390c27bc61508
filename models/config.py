"""How large a network is and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """One network, the selector's or the detector's."""

    hidden: int = 96
    layers: int = 5
    layer: str = "relational"
    """relational (ours), or one of PyG's: rgcn, gatv2, film, gated"""
    aggregate: str = "index_add"
    """index_add (CPU, CUDA) or onehot (Gaudi, which has no scatter)"""
    dropout: float = 0.0
