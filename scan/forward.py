"""The detector's forward pass in numpy.

The same arithmetic as ``models/network.py`` and ``detector/decode.py`` for the relational encoder, over the real nodes and
edges only: no padding, no blocks.  A parity test and every export hold the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.schema import NULL, CodeGraph, Int, Relation
from .scores import Scores

Float = NDArray[np.float32]
Weights = Mapping[str, Float]

MAX_NODES = 4096
"""Nodes computed at a time: enough to keep the matrix products busy, few enough for the cache."""


def forward(weights: Weights, network: Mapping[str, Any], graphs: Sequence[CodeGraph]) -> list[Scores]:
    """Scores of each graph, in order.  Raises ValueError for a network that this runtime has no arithmetic for."""
    if network.get("layer") != "relational":
        raise ValueError(f"layer {network.get('layer')!r} has no torch-free runtime; only 'relational' has")
    found: list[Scores] = []
    batch: list[CodeGraph] = []
    nodes = 0
    for graph in graphs:
        if batch and nodes + graph.num_nodes > MAX_NODES:
            found.extend(_score(weights, int(network["layers"]), batch))
            batch, nodes = [], 0
        batch.append(graph)
        nodes += graph.num_nodes
    return found + (_score(weights, int(network["layers"]), batch) if batch else [])


@dataclass(frozen=True, slots=True)
class _Messages:
    """All messages of a layer: grouped by relation to be computed, and ordered by receiver to be summed."""

    groups: list[tuple[int, Int]]
    """(relation, senders)"""
    order: NDArray[np.int64]
    """[messages] by receiver"""
    receiver: NDArray[np.int64]
    """[receivers] nodes that receive any"""
    begin: NDArray[np.int64]
    """[receivers] first of its messages in ``order``"""

    @classmethod
    def of(cls, relation: Int, source: Int, target: Int) -> _Messages:
        both = np.concatenate([relation, relation + len(Relation)])
        sender, receiver = np.concatenate([source, target]), np.concatenate([target, source])
        by_relation = np.argsort(both, kind="stable")
        sender, receiver = sender[by_relation], receiver[by_relation]
        ends = np.cumsum(np.bincount(both, minlength=2 * len(Relation)))
        groups = [(r, sender[a:b]) for r, (a, b) in enumerate(zip([0, *ends[:-1]], ends, strict=True)) if a < b]
        order = np.argsort(receiver, kind="stable")
        receivers, begin = np.unique(receiver[order], return_index=True)
        return cls(groups, order, receivers, begin)


def _score(weights: Weights, layers: int, graphs: Sequence[CodeGraph]) -> list[Scores]:
    sizes = np.array([(g.num_nodes, len(g.texts), g.num_sites, g.num_options) for g in graphs])
    starts = np.concatenate([np.zeros((1, 4), np.int64), sizes.cumsum(axis=0)])

    def joined(name: str, column: int | None = None) -> Int:
        parts = [getattr(g, name) for g in graphs]
        if column is not None:
            parts = [np.where(p == NULL, NULL, p + at) for p, at in zip(parts, starts[:, column], strict=False)]
        return np.concatenate(parts)

    text = _texts(weights, joined("texts"))
    hidden = _take(weights, "embedding.label.weight", joined("label"))
    hidden = hidden + _take(weights, "embedding.role.weight", joined("role")) + text[joined("text", 1)]
    hidden = _norm(weights, "embedding.norm", hidden)
    real = joined("source") != NULL
    messages = _Messages.of(joined("relation")[real], joined("source", 0)[real], joined("target", 0)[real])
    for layer in range(layers):
        hidden = hidden + _gelu(_layer(weights, layer, _norm(weights, f"encoder.norms.{layer}", hidden), messages))
    hidden = _norm(weights, f"encoder.norms.{layers}", hidden)
    if not starts[-1, 2]:
        return [Scores(0.0, np.zeros(0, np.float32)) for _ in graphs]

    width = hidden.shape[1]
    hidden = np.concatenate([hidden, np.zeros((1, width), np.float32)])  # the last row, which NULL selects, is "none"
    rule, nodes = joined("site_rule"), joined("site_node", 0)
    chosen = np.concatenate([g.option_ptr[:-1] + g.chosen + at for g, at in zip(graphs, starts[:, 3], strict=False)])
    counts = np.concatenate([np.diff(g.option_ptr) for g in graphs])
    site_of = np.repeat(np.arange(len(counts)), counts)
    first_option = np.concatenate([[0], counts.cumsum()[:-1]])

    pair = hidden[nodes[:, 1]] + hidden[nodes[:, 2]]
    site = _linear(weights, "site_in", np.concatenate([hidden[nodes[:, 0]], pair], axis=1))
    site = _gelu(site + _take(weights, "site_rule.weight", rule))

    written: Float = _take(weights, "embedding.label.weight", joined("option_label")) + text[joined("option_text", 1)]
    described = written @ weights["option_written.weight"].T
    described += (hidden @ weights["option_symbol.weight"].T)[joined("option_node", 0)]
    option = _linear(weights, "option_out", _gelu(_linear(weights, "option_site", site)[site_of] + described))[:, 0]

    others = option.copy()
    others[chosen] = -np.inf
    best = _logsumexp(others, first_option, site_of)
    with np.errstate(invalid="ignore"):
        contrast = np.where(np.isfinite(best), np.clip(best - option[chosen], -20, 20), 0)
    score = _linear(weights, "site_out", _gelu(_linear(weights, "site_hidden", site)))[:, 0]
    score = score + weights["contrast.weight"][rule, 0] * contrast

    having = np.flatnonzero(sizes[:, 2])
    first_site = starts[having, 2]
    graph_of = np.repeat(np.arange(len(having)), sizes[having, 2])
    mean = np.add.reduceat(site, first_site, axis=0) / sizes[having, 2:3]
    pooled = np.concatenate([mean, hidden[starts[having, 0]]], axis=1).astype(np.float32)
    strongest = _logsumexp(score, first_site, graph_of)
    gate = _linear(weights, "gate_out", _gelu(_linear(weights, "gate_hidden", pooled)))[:, 0]
    gate = gate + weights["gate_sites"][0] * np.maximum(strongest, -30)

    with np.errstate(invalid="ignore"):
        joint = others - np.where(np.isfinite(best), best, 0)[site_of]
    joint = joint + (score - strongest[graph_of] + -np.logaddexp(0, -gate)[graph_of])[site_of]
    found = [Scores(0.0, np.zeros(0, np.float32)) for _ in graphs]
    for row, index in enumerate(having):
        own = joint[starts[index, 3] : starts[index + 1, 3]].astype(np.float32)
        found[index] = Scores(float(-np.logaddexp(0, gate[row])), own)
    return found


def _texts(weights: Weights, texts: Int) -> Float:
    """[texts, d] mean of the embedded subtokens; row 0 of the table is padding and zero."""
    count = (texts > 0).sum(axis=1, keepdims=True, dtype=np.float32)  # an integer here would make everything float64
    mean: Float = _take(weights, "embedding.subtoken.weight", texts).sum(axis=1) / np.maximum(count, np.float32(1))
    return mean


def _layer(weights: Weights, layer: int, hidden: Float, messages: _Messages) -> Float:
    """[nodes, d] root term plus, for each receiver, the sum of its messages."""
    out = _linear(weights, f"encoder.layers.{layer}.root", hidden)
    if messages.groups:
        matrices = weights[f"encoder.layers.{layer}.weight"]
        sent = np.concatenate([hidden[senders] @ matrices[relation] for relation, senders in messages.groups])
        out[messages.receiver] += np.add.reduceat(sent[messages.order], messages.begin, axis=0)
    return out


def _take(weights: Weights, name: str, rows: Int) -> Float:
    return weights[name][rows]


def _linear(weights: Weights, name: str, values: Float) -> Float:
    return values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _norm(weights: Weights, name: str, values: Float) -> Float:
    centred: Float = values - values.mean(axis=1, keepdims=True)
    variance: Float = np.square(centred).mean(axis=1, keepdims=True)
    scaled: Float = centred / np.sqrt(variance + 1e-5) * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return scaled


def _gelu(values: Float) -> Float:
    """The tanh form (Hendrycks and Gimpel 2016)."""
    curved: Float = 0.5 * values * (1 + np.tanh(0.7978845608 * (values + 0.044715 * values * values * values)))
    return curved


def _logsumexp(values: Float, begin: NDArray[np.int64], segment: NDArray[np.int64]) -> Float:
    """log sum exp of consecutive segments, none of them empty; -inf where all of a segment is."""
    top = np.maximum.reduceat(values, begin)
    safe = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        total: Float = np.log(np.add.reduceat(np.exp(values - safe[segment]), begin)) + safe
    return total
