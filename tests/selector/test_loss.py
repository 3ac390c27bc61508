"""What is earned, and that the selector learns to expect it."""

from __future__ import annotations

import pytest
import torch

from buglab.selector.loss import HOPELESS, reward, selector_loss


def test_trouble_earns_up_to_a_bound_and_middling_most_at_one_half() -> None:
    trouble = torch.tensor([0.0, 0.5, 0.75, 1.0]).log().neg()
    assert reward(trouble)[[3, 0]].tolist() == [0.0, HOPELESS]
    assert reward(trouble, "middling").tolist() == pytest.approx([0.0, 1.0, 0.75, 0.0])


def test_expecting_what_is_earned_costs_nothing() -> None:
    earned = torch.tensor([0.0, 1.0, 3.0])
    assert not selector_loss(earned, earned).any()
    expected = torch.tensor([1.0, 1.0, 0.0], requires_grad=True)
    loss = selector_loss(expected, earned)
    (gradient,) = torch.autograd.grad(loss.sum(), expected)
    assert gradient.sign().tolist() == [1.0, 0.0, -1.0]
    assert loss[2] > loss[0] > 0
