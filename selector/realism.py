"""How likely people are to make each bug, learned from the commits that repaired real ones.

A conditional logit model (McFadden 1974) over all rewrites of one correct function: log p(rewrite) = w . f(rewrite) - log Z.
Real bugs are far from any random choice: people confuse ``<`` with ``<=`` rather than with ``is``, and ``new_state`` with
``state`` rather than with just any variable.  What the features are is said in ``Traits``; the weights are a table that can be
read (``train/realism.json``), written by ``python -m buglab.train.fit_realism``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..graph.labels import LABEL_ID, LABELS, RULES
from ..graph.schema import Relation
from ..graph.subtokens import subtokens
from ..models.batch import Batch
from ..models.segments import segment_count
from .sampling import normalise

NAMES = ("BL101", "BL102", "BL103")
"""Rules whose rewrites take one name for another."""

INTEGERS = ("-2", "-1", "0", "1", "2")
"""Integers that are known by their value."""

NUMBERS = (
    "share of subtokens in common",
    "no subtoken in common",
    "log uses of what is written wrongly",
    "log uses of what is right",
    "log sites of the rule",
    "log options of the site",
)
"""The traits that are numbers; the first four are 0 but for names."""


@dataclass(frozen=True)
class Traits:
    """What a realistic choice looks at, one row an option."""

    rule: Tensor
    """[options] in RULES"""
    change: Tensor
    """[options] what is written and what would be, as one row of a table: label by label, small integers by value"""
    numbers: Tensor
    """[options, len(NUMBERS)]"""


KINDS = (*LABELS, *(f"Integer {value}" for value in INTEGERS))


def change_name(row: int) -> str:
    """Of a row of ``Realism.change``, such as ``op:<= -> op:<``."""
    return f"{KINDS[row // len(KINDS)]} -> {KINDS[row % len(KINDS)]}"


def traits(batch: Batch) -> Traits:
    """The traits of all options of a batch."""
    site = batch.option_site
    rule = batch.site_rule.index_select(0, site)
    written = batch.chosen.index_select(0, site)
    kind = _kind(batch)
    named = sum(rule == RULES.index(code) for code in NAMES)
    text = batch.texts.index_select(0, batch.option_text)
    other = text.index_select(0, written)
    common = ((text.unsqueeze(2) == other.unsqueeze(1)) & (text > 0).unsqueeze(2)).any(2).sum(1)
    either = (text > 0).sum(1) + (other > 0).sum(1) - common
    uses = _uses(batch).index_select(0, batch.option_node)
    cell = batch.site_graph * len(RULES) + batch.site_rule
    alike = segment_count(cell, batch.num_graphs * len(RULES)).index_select(0, cell).index_select(0, site)
    options = segment_count(site, len(batch.site_rule)).index_select(0, site)
    numbers = [
        named * common / either.clamp_min(1),
        named * (common == 0),
        named * uses.log1p(),
        named * uses.index_select(0, written).log1p(),
        alike.clamp_min(1).log(),
        (options - 1).clamp_min(1).log(),
    ]
    change = kind.index_select(0, written) * len(KINDS) + kind
    return Traits(rule, change, torch.stack([number.float() for number in numbers], dim=1))


@dataclass(frozen=True)
class Realism:
    """The weights."""

    rule: Tensor
    """[len(RULES)]"""
    change: Tensor
    """[len(KINDS) ** 2]"""
    numbers: Tensor
    """[len(NUMBERS)]"""

    def log_weight(self, found: Traits) -> Tensor:
        """[options] unnormalised."""
        kinds = self.rule.index_select(0, found.rule) + self.change.index_select(0, found.change)
        return kinds + found.numbers @ self.numbers

    def to(self, device: torch.device) -> Realism:
        return Realism(self.rule.to(device), self.change.to(device), self.numbers.to(device))

    def plain(self) -> dict[str, dict[str, float]]:
        """As names and weights, without those that are 0."""
        changes = {change_name(at): float(self.change[at]) for at in self.change.nonzero()[:, 0].tolist()}
        return {
            "rules": dict(zip(RULES, self.rule.tolist(), strict=True)),
            "numbers": dict(zip(NUMBERS, self.numbers.tolist(), strict=True)),
            "changes": dict(sorted(changes.items())),
        }

    @classmethod
    def of(cls, plain: dict[str, dict[str, float]]) -> Realism:
        """From what ``plain`` returned.  Rules and kinds that are not named have the weight 0."""
        place = {kind: at for at, kind in enumerate(KINDS)}
        change = torch.zeros(len(KINDS) ** 2)
        for name, weight in plain["changes"].items():
            before, _, after = name.partition(" -> ")
            change[place[before] * len(KINDS) + place[after]] = weight
        rule = torch.tensor([plain["rules"].get(code, 0.0) for code in RULES])
        return cls(rule, change, torch.tensor([plain["numbers"][name] for name in NUMBERS]))


def realistic_log_p(batch: Batch, realism: Realism) -> Tensor:
    """[options] log-probability that this is the bug, if a person had written one into the function."""
    return normalise(batch, realism.log_weight(traits(batch)))


def _kind(batch: Batch) -> Tensor:
    """[options] in KINDS."""
    kind = batch.option_label
    text = batch.texts.index_select(0, batch.option_text)
    for at, value in enumerate(INTEGERS):
        same = (text == torch.tensor(subtokens(value), device=text.device)).all(1)
        kind = torch.where(same & (kind == LABEL_ID["Integer"]), len(LABELS) + at, kind)
    return kind


def _uses(batch: Batch) -> Tensor:
    """[nodes] how often each symbol occurs; 0 for the padding node."""
    occurs = (batch.edges.relation_of_each == Relation.OCCURRENCE).float()
    uses = torch.zeros(len(batch.label), device=occurs.device).index_add(0, batch.target, occurs)
    return torch.cat([uses[:-1], torch.zeros_like(uses[-1:])])
