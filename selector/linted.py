"""Bugs that need no detector: linters find them.

Three kinds, named by the checks of pyflakes and pycodestyle: F841, a local variable that is assigned and no longer used; F632,
identity with a number or a string; E711 and E712, equality with None, True or False.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..graph.labels import LABEL_ID, ROLE_ID, RULES
from ..graph.schema import Relation
from ..models.batch import Batch

IDENTITY = ("op:is", "op:is not")
EQUALITY = ("op:==", "op:!=")
LITERALS = ("Integer", "Float", "String")
SINGLETONS = ("None", "True", "False")


def linted(batch: Batch) -> Tensor:
    """[options] whether selecting the option makes a bug that a linter finds."""
    return _unused(batch) | _compared(batch)


def _unused(batch: Batch) -> Tensor:
    """Variable misuse at the only use of a variable that is otherwise only assigned, each time by a plain assignment."""
    label, nodes = batch.label, len(batch.label)
    relation = batch.edges.relation_of_each

    def ends(wanted: Relation) -> tuple[Tensor, Tensor]:
        """Of all edge slots; those of other relations lead from the padding node to itself."""
        mine = relation == wanted
        return torch.where(mine, batch.source, nodes - 1), torch.where(mine, batch.target, nodes - 1)

    parent, child = ends(Relation.CHILD)
    above = torch.zeros_like(label).scatter(0, child, label.index_select(0, parent))
    plain = (above == LABEL_ID["Assignment"]) & (batch.role == ROLE_ID["target"])
    token, symbol = ends(Relation.OCCURRENCE)
    stored = label.index_select(0, token) == LABEL_ID["StoredName"]

    def count(which: Tensor) -> Tensor:
        return torch.zeros(nodes, device=label.device).index_add(0, symbol, which.float())

    odd = count(stored & ~plain.index_select(0, token))
    lonely = (label == LABEL_ID["Symbol:variable"]) & (count(~stored) == 1) & (count(stored) > 0) & (odd == 0)
    in_function = label.index_select(0, batch.root) == LABEL_ID["Function"]
    written = batch.chosen.index_select(0, batch.option_site)
    there = lonely.index_select(0, batch.option_node.index_select(0, written))
    inside = in_function.index_select(0, batch.site_graph.index_select(0, batch.option_site))
    misuse = batch.site_rule.index_select(0, batch.option_site) == RULES.index("BL101")
    return there & inside & misuse & ~batch.option_is_chosen


def _compared(batch: Batch) -> Tensor:
    label = batch.label
    relation = batch.edges.relation_of_each
    operands = (relation == Relation.LEFT_OPERAND) | (relation == Relation.RIGHT_OPERAND)

    def beside(kinds: tuple[str, ...]) -> Tensor:
        """[options] whether the site's operator has an operand of one of these kinds."""
        there = operands & _among(label.index_select(0, batch.target), kinds)
        operator = torch.zeros(len(label), device=label.device).index_add(0, batch.source, there.float()) > 0
        return operator.index_select(0, batch.site_node[:, 0].index_select(0, batch.option_site))

    option = batch.option_label
    same, equal = _among(option, IDENTITY), _among(option, EQUALITY)
    return ((same & beside(LITERALS)) | (equal & beside(SINGLETONS))) & ~batch.option_is_chosen


def _among(label: Tensor, kinds: tuple[str, ...]) -> Tensor:
    known = torch.tensor([LABEL_ID[kind] for kind in kinds], device=label.device)
    return (label.unsqueeze(1) == known).any(1)
