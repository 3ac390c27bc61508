"""Nodes as vectors: what they are, which role they fill, and the words in their text."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..graph.labels import LABELS, ROLES
from ..graph.schema import BUCKETS
from .batch import Batch
from .sums import pick, pick_words


class Embedding(nn.Module):
    """x_i = label + role + mean of the subtokens of the text (Allamanis et al. 2018, section 3), normalised."""

    def __init__(self, hidden: int, aggregate: str = "auto", word_dropout: float = 0.0) -> None:
        super().__init__()
        self.aggregate = aggregate
        self.word_dropout = word_dropout
        self.label = nn.Embedding(len(LABELS), hidden)
        self.role = nn.Embedding(len(ROLES), hidden)
        self.subtoken = nn.Embedding(BUCKETS, hidden, padding_idx=0)
        self.norm = nn.LayerNorm(hidden)

    def texts(self, batch: Batch) -> Tensor:
        """[texts, hidden]: the mean of the embedded subtokens of each text."""
        words = batch.texts
        if self.training and self.word_dropout:
            words = torch.where(torch.rand(words.shape, device=words.device) < self.word_dropout, 0, words)
        count = (words > 0).sum(dim=1, keepdim=True).clamp_min(1)
        return pick_words(self.subtoken.weight, words, self.aggregate) / count

    def forward(self, batch: Batch, texts: Tensor) -> Tensor:
        """[nodes, hidden]"""
        parts = (self.label.weight, batch.label), (self.role.weight, batch.role), (texts, batch.text)
        return self.norm(pick(*parts, aggregate=self.aggregate))


def init_embeddings(module: Embedding, std: float = 0.5) -> None:
    """Small enough that the sum of three is about a unit vector's scale before it is normalised."""
    for table in (module.label, module.role, module.subtoken):
        nn.init.normal_(table.weight, std=std)
    with torch.no_grad():
        module.subtoken.weight[0].zero_()
