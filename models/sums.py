"""Sums of rows: the one sparse operation of the networks, as a product with a 0/1 matrix."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Incidence:
    """A 0/1 matrix [rows, columns], compressed both by rows and by columns.  A pair that is named twice counts twice.

    On the CPU this is several times faster than ``index_select`` and ``index_add``, whose cost is that of one call for each
    row, and sums are formed in float32 whatever the values are.  Its shapes depend on the data: nothing to compile.
    """

    column: Tensor
    """[pairs] int32, row after row"""
    row_begin: Tensor
    """[rows + 1] int32"""
    row: Tensor
    """[pairs] int32, column after column"""
    column_begin: Tensor
    """[columns + 1] int32"""

    @classmethod
    def of(cls, row: Tensor, column: Tensor, rows: int, columns: int) -> Incidence:
        """From its pairs, in any order: sums are formed in that order, whatever the sort of the machine does with equals."""
        row, column = row.int(), column.int()
        by_row, by_column = row.argsort(stable=True), column.argsort(stable=True)
        return cls(column[by_row], _begins(row, rows), row[by_column], _begins(column, columns))

    @classmethod
    def picking(cls, column: Tensor, columns: int) -> Incidence:
        """The matrix whose row i has its ones at ``column[i]`` [rows, k]."""
        rows, k = column.shape
        column = column.flatten().int()
        row = (column.argsort(stable=True) // k).int()
        begins = torch.arange(0, rows * k + 1, k, dtype=torch.int32, device=column.device)
        return cls(column, begins, row, _begins(column, columns))

    def __matmul__(self, values: Tensor) -> Tensor:
        """[rows, d]: for each row the sum of ``values`` [columns, d] at its columns."""
        return _Product.apply(values, self)

    def gathered(self, values: Tensor) -> Tensor:
        """The product, without a gradient."""
        return _sums(values, self.column, self.row_begin)

    def scattered(self, values: Tensor) -> Tensor:
        """[columns, d]: the product of the transposed matrix with ``values`` [rows, d], without a gradient."""
        return _sums(values, self.row, self.column_begin)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, incidence: Incidence) -> Tensor:
        ctx.incidence = incidence
        return incidence.gathered(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.incidence.scattered(gradient), None


_AUTO = {"cpu": "stars", "hpu": "onehot"}
"""How each kind of device sums; the others by index_add."""


def way(aggregate: str, device: torch.device) -> str:
    """How to sum, ``auto`` decided by the device: ``stars`` (compressed, of no static shape), ``index_add`` or ``onehot``."""
    return _AUTO.get(device.type, "index_add") if aggregate == "auto" else aggregate


def pick(*parts: tuple[Tensor, Tensor], aggregate: str = "auto") -> Tensor:
    """[rows, d]: sum of ``table[index]`` over the parts (table [n, d], index [rows])."""
    if way(aggregate, parts[0][0].device) != "stars":
        return functools.reduce(torch.add, [F.embedding(index, table) for table, index in parts])
    begin, columns = 0, []
    for table, index in parts:
        columns.append(index + begin)
        begin += len(table)
    table = torch.cat([table for table, _ in parts]) if len(parts) > 1 else parts[0][0]
    return Incidence.picking(torch.stack(columns, 1), begin) @ table


def pick_words(table: Tensor, index: Tensor, aggregate: str = "auto") -> Tensor:
    """[rows, d]: sum of ``table[index[:, i]]`` over i, for ``index`` [rows, k]; 0 stands for no word."""
    if way(aggregate, table.device) != "stars":
        return F.embedding(index, table, padding_idx=0).sum(1)
    row, place = index.nonzero(as_tuple=True)
    return Incidence.of(row, index[row, place], len(index), len(table)) @ table


def _sums(values: Tensor, index: Tensor, begin: Tensor) -> Tensor:
    return torch.embedding_bag(values.detach().contiguous(), index, begin, mode=0, include_last_offset=True)[0]


def _begins(index: Tensor, count: int) -> Tensor:
    """[count + 1] where each number's entries begin in the sorted ``index``."""
    begins = torch.zeros(count + 1, dtype=torch.int32, device=index.device)
    torch.cumsum(torch.bincount(index, minlength=count), 0, dtype=torch.int32, out=begins[1:])
    return begins
