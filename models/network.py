"""Encoder and heads: from a batch to scores of whether, where and how."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..graph.labels import RULES
from .batch import Batch
from .config import NetworkConfig
from .embedding import Embedding, init_embeddings
from .encoder import Encoder
from .precision import lowered
from .segments import LOW, segment_logsumexp, segment_mean
from .sums import pick


@dataclass(frozen=True, slots=True)
class Logits:
    """Unnormalised scores; ``detector.decode`` and ``selector.sampling`` say what they mean as probabilities."""

    gate: Tensor
    """[graphs] log-odds of a rewrite against none"""
    site: Tensor
    """[sites]"""
    option: Tensor
    """[options]"""


class Network(nn.Module):
    """A distribution over no rewrite and all (site, option) pairs of a graph, factored as gate, site, option.

    An option is scored against its site: o = v . gelu(A s + B e), with e from the option's label, text and symbol.  A site's
    own score adds how much better the best alternative fits than what is written, and the gate how strong the strongest sites
    are.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        d = config.hidden
        self.config = config
        self.embedding = Embedding(d, config.aggregate, config.word_dropout)
        self.encoder = Encoder(config)
        self.site_in = nn.Linear(2 * d, d)
        self.site_rule = nn.Embedding(len(RULES), d)
        self.option_symbol = nn.Linear(d, d, bias=False)
        self.option_written = nn.Linear(d, d, bias=False)
        self.option_site = nn.Linear(d, d)
        self.option_out = nn.Linear(d, 1)
        self.site_hidden = nn.Linear(d, d)
        self.site_out = nn.Linear(d, 1)
        self.contrast = nn.Embedding(len(RULES), 1)
        self.gate_hidden = nn.Linear(2 * d, d)
        self.gate_out = nn.Linear(d, 1)
        self.gate_sites = nn.Parameter(torch.ones(1))
        init_embeddings(self.embedding)
        nn.init.constant_(self.contrast.weight, 0.5)
        nn.init.zeros_(self.option_out.bias)
        self.option_out.bias.requires_grad_(False)  # a softmax over options does not see it

    def forward(self, batch: Batch) -> Logits:
        texts = self.embedding.texts(batch)
        edges = batch.fresh_edges() if torch.compiler.is_compiling() else batch.edges
        hidden = self.encoder(self.embedding(batch, texts), edges)
        hidden = torch.cat([hidden[:-1], torch.zeros_like(hidden[-1:])])  # the padding node stands for "none"
        hidden = lowered(hidden)

        at, first, second = batch.site_node.unbind(1)
        way = self.config.aggregate
        pair = pick((hidden, first), (hidden, second), aggregate=way)
        site = self.site_in(torch.cat([pick((hidden, at), aggregate=way), pair], dim=1))
        site = F.gelu(site + self.site_rule(batch.site_rule), approximate="tanh")

        option = pick(  # what would be written, its symbol, and the site
            (self.option_written(self.embedding.label.weight), batch.option_label),
            (self.option_written(texts), batch.option_text),
            (self.option_symbol(hidden), batch.option_node),
            (self.option_site(site), batch.option_site),
            aggregate=way,
        )
        option = self.option_out(F.gelu(option, approximate="tanh")).squeeze(1).float()

        sites = len(batch.site_rule)
        others = torch.where(batch.option_is_chosen, LOW, option)
        best = segment_logsumexp(others, batch.option_site, sites)
        contrast = (best - option.index_select(0, batch.chosen)).clamp(-20, 20)
        contrast = torch.where(best > LOW / 2, contrast, torch.zeros_like(contrast))
        score = self.site_out(F.gelu(self.site_hidden(site), approximate="tanh")).squeeze(1).float()
        score = score + self.contrast(batch.site_rule).squeeze(1) * contrast

        graphs = batch.num_graphs
        pooled = torch.cat([segment_mean(site, batch.site_graph, graphs), hidden.index_select(0, batch.root)], dim=1)
        strongest = segment_logsumexp(score, batch.site_graph, graphs).clamp_min(-30)
        gate = self.gate_out(F.gelu(self.gate_hidden(pooled), approximate="tanh")).squeeze(1).float()
        return Logits(gate + self.gate_sites * strongest, score, option)
