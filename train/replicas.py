"""The processes that train together: each plays its own graphs, and all take the same step.

What a process knows of a sum is its *part*; the sum of the parts over all processes is what one process would have had on all
their graphs together.  A process alone is the case in which every part is the whole, and nothing is sent.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from torch import Tensor, distributed, nn

Value = TypeVar("Value")


class Replicas:
    """This process alone; also the interface of one among many."""

    rank = 0
    world = 1

    def total(self, part: Tensor) -> Tensor:
        """The sum of ``part`` over all processes, without gradient; on the device, waited for by nobody."""
        return part

    def mean_over(self, values: Tensor, mask: Tensor) -> Tensor:
        """This process's part of the mean of ``values`` where ``mask`` holds, over all processes."""
        return torch.where(mask, values, torch.zeros_like(values)).sum() / self.total(mask.sum()).clamp_min(1)

    def add_gradients(self, network: nn.Module) -> None:
        """Every gradient becomes the sum over all processes."""

    def agree(self, *values: float) -> list[float]:
        """The largest of each value over all processes, so that all decide the same.  Waits for them, not for the device."""
        return list(values)

    def sums(self, parts: Mapping[str, float]) -> dict[str, float]:
        """The sum of each figure over all processes, which have the same names."""
        return dict(parts)

    def gather(self, value: Value) -> list[Value]:
        """The value of every process, by rank."""
        return [value]

    def from_first(self, value: Value) -> Value:
        """The value of rank 0."""
        return value


class Many(Replicas):
    """One of several processes, connected by accelerate (gloo, NCCL or HCCL)."""

    def __init__(self, accelerator: Accelerator) -> None:
        self.accelerator = accelerator
        self.rank, self.world = accelerator.process_index, accelerator.num_processes
        self._hosts = distributed.new_group(backend="gloo")  # to agree without asking the device

    def total(self, part: Tensor) -> Tensor:
        return self.accelerator.reduce(part.detach(), "sum")

    def add_gradients(self, network: nn.Module) -> None:
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        whole = self.accelerator.reduce(torch.cat([g.flatten() for g in gradients]), "sum")
        for gradient, summed in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(summed.view_as(gradient))

    def agree(self, *values: float) -> list[float]:
        largest = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(largest, distributed.ReduceOp.MAX, self._hosts)
        return [float(value) for value in largest]

    def sums(self, parts: Mapping[str, float]) -> dict[str, float]:
        if not parts:
            return {}
        whole = torch.tensor(list(parts.values()), dtype=torch.float64)
        distributed.all_reduce(whole, distributed.ReduceOp.SUM, self._hosts)
        return dict(zip(parts, whole.tolist(), strict=True))

    def gather(self, value: Value) -> list[Value]:
        return list(gather_object([value]))

    def from_first(self, value: Value) -> Value:
        box: list[Any] = [value]
        return broadcast_object_list(box)[0]


def rank_to_be() -> int:
    """The rank that ``torchrun`` gave this process, known before the processes are connected."""
    return int(os.environ.get("RANK", "0"))


def join(accelerator: Accelerator) -> Replicas:
    """The processes that ``torchrun`` started, or this one alone."""
    return Many(accelerator) if accelerator.num_processes > 1 else Replicas()
