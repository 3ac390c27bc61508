"""What the detector pays."""

from __future__ import annotations

import pytest
import torch

from buglab.detector.loss import focused


@pytest.mark.parametrize("odds", [-4.0, 0.0, 3.0])
def test_the_focal_loss_weighs_the_gate_alone(odds: float) -> None:
    wrong, rest = torch.tensor([odds]), torch.tensor([0.7])
    right = torch.sigmoid(-wrong)
    gate = -right.log()
    torch.testing.assert_close(focused(gate + rest, wrong, 2.0), (1 - right) ** 2 * gate + rest)
    assert torch.equal(focused(gate + rest, wrong, 0.0), gate + rest)
