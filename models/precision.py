"""Which numbers the products are computed in."""

from __future__ import annotations

import torch
from torch import Tensor


def lowered(values: Tensor) -> Tensor:
    """``values`` in the type of the autocast that is on, else as they are.

    Autocast would lower them in each product anyway; lowered once, they are gathered and summed with half the bytes.
    """
    kind = values.device.type
    lower = kind != "meta" and torch.is_autocast_enabled(kind)  # the meta device knows no autocast
    return values.to(torch.get_autocast_dtype(kind)) if lower else values
