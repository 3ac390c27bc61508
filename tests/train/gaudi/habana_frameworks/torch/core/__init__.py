"""As the bridge: registers ``hpu_backend``, here one that runs each graph as it was traced and takes only static shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from functorch.compile import make_boxed_func
from torch._dynamo import register_backend
from torch._dynamo.backends.common import aot_autograd

GRAPHS: list[list[str]] = []
"""The operators of every graph that was compiled, forward or backward."""


def compile_graph(module: torch.fx.GraphModule, inputs: list[Any]) -> Callable[..., Any]:
    for value in inputs:
        assert not isinstance(value, torch.SymInt), "a dynamic size"
        assert not (isinstance(value, torch.Tensor) and any(isinstance(size, torch.SymInt) for size in value.shape))
    GRAPHS.append([str(node.target) for node in module.graph.nodes if node.op == "call_function"])
    return make_boxed_func(module.forward)


register_backend(aot_autograd(fw_compiler=compile_graph), name="hpu_backend")
