"""How large a network is and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The detector's network."""

    hidden: int = 96
    layers: int = 5
    layer: str = "relational"
    """relational (message passing), great (attention), hybrid (both), or one of PyG's: rgcn, gatv2, film, gated"""
    aggregate: str = "auto"
    """how ``relational`` sums messages: stars (CPU), index_add (CUDA), onehot (Gaudi has no scatter); auto = by device"""
    heads: int = 4
    """of attention"""
    window: int = 128
    """nodes that one looks at on either side, at least"""
    dropout: float = 0.0
    """of what a layer adds"""
    word_dropout: float = 0.0
    """share of the words in names and literals that are unknown in a batch of training, the same ones wherever a name stands"""
