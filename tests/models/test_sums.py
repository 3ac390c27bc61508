"""The sparse product against a dense one, forward and backward."""

from __future__ import annotations

import pytest
import torch

from buglab.models.sums import Incidence, pick, pick_words


@pytest.fixture
def dice() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_product_and_its_gradient_are_those_of_the_dense_matrix(dice: torch.Generator) -> None:
    row, column = torch.randint(7, (40,), generator=dice), torch.randint(1, 11, (40,), generator=dice)
    dense = torch.zeros(7, 11).index_put((row, column), torch.ones(40), accumulate=True)
    assert (dense > 1).any()
    assert not dense[:, 0].any()
    sparse = Incidence.of(row, column, 7, 11)
    values = torch.randn(11, 4, generator=dice, requires_grad=True)
    weight = torch.randn(7, 4, generator=dice)
    torch.testing.assert_close(sparse @ values, dense @ values)
    (found,) = torch.autograd.grad(((sparse @ values) * weight).sum(), values)
    torch.testing.assert_close(found, dense.T @ weight)


def test_sums_are_formed_in_the_order_of_the_pairs(dice: torch.Generator) -> None:
    """A float sum depends on its order, and the machine's fastest sort leaves that of equals open."""
    row, column = torch.randint(50, (3000,), generator=dice), torch.arange(3000)
    assert all(part.diff().gt(0).all() for part in Incidence.of(row, column, 50, 3000).column.split(row.bincount().tolist()))
    assert all(part.diff().gt(0).all() for part in Incidence.of(column, row, 3000, 50).row.split(row.bincount().tolist()))
    picked = Incidence.picking(row[:, None], 50)
    assert all(part.diff().gt(0).all() for part in picked.row.split(row.bincount(minlength=50).tolist()))


def test_picked_rows_are_those_of_the_tables(dice: torch.Generator) -> None:
    tables = [torch.randn(n, 4, generator=dice, requires_grad=True) for n in (5, 9)]
    indices = [torch.randint(n, (20,), generator=dice) for n in (5, 9)]
    weight = torch.randn(20, 4, generator=dice)
    expected = tables[0][indices[0]] + tables[1][indices[1]]
    found = pick(*zip(tables, indices, strict=True))
    torch.testing.assert_close(found, expected)
    for one, two in zip(
        torch.autograd.grad((found * weight).sum(), tables), torch.autograd.grad((expected * weight).sum(), tables), strict=True
    ):
        torch.testing.assert_close(one, two)


def test_words_are_summed_and_zero_is_no_word(dice: torch.Generator) -> None:
    table = torch.randn(6, 3, generator=dice, requires_grad=True)
    index = torch.tensor([[1, 2, 0], [0, 0, 0], [5, 5, 1]])
    found = pick_words(table, index)
    torch.testing.assert_close(found, torch.stack([table[1] + table[2], torch.zeros(3), 2 * table[5] + table[1]]))
    (gradient,) = torch.autograd.grad(found.sum(), table)
    assert gradient[:, 0].tolist() == [0, 2, 1, 0, 0, 2]
