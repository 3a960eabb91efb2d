"""A PyTorch model that computes on the glass engine: the loop sees PyTorch, every forward and backward is NumPy.

    loss, optimiser, schedule, checkpoints   PyTorch's, as for any model
    forward                                  the glass network, whose weights lie in the same memory
    backward                                 the glass tape; PyTorch's autograd receives all its gradients at once

Computes on the CPU, in the dtype of the weights.
"""

from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from deepglass import glass


def compute_on_glass(model: nn.Module, network: glass.nn.Module) -> nn.Module:
    """`model` with its forward given to `network`: parameters, names, weights and copies of it stay what they were.

    Args:
        model: A model of the zoo on PyTorch; its weights are the ones that count.
        network: The same model on the glass engine.
    """
    model.forward = GlassForward(model, network)
    return model


class GlassForward:
    """The forward of a PyTorch model, computed by its twin on the glass engine."""

    def __init__(self, model: nn.Module, network: glass.nn.Module):
        self.model, self.network = model, network

    def __call__(self, *inputs: Tensor | None) -> Tensor:
        self.share_memory()
        for twin, module in zip(self.network.modules(), self.model.modules(), strict=True):
            twin.training = module.training  # one by one: frozen layers stay in evaluation mode
        is_recorded = torch.is_grad_enabled()
        return GlassFunction.apply(self.network, is_recorded, len(inputs), *inputs, *self.model.parameters())  # type: ignore[return-value]

    def share_memory(self) -> None:
        """Let every weight and buffer of the twin look at ours; what batch norm writes there, it writes for both."""
        network = self.network
        twins = dict(chain(network.named_parameters(), network.named_buffers()))
        for name, tensor in chain(self.model.named_parameters(), self.model.named_buffers()):
            twins[name].array = tensor.detach().numpy()
            twins[name].requires_grad_(tensor.requires_grad)


class GlassFunction(torch.autograd.Function):
    """One forward and one backward of a glass network as a single operation of PyTorch's autograd."""

    @staticmethod
    def forward(ctx: Any, network: glass.nn.Module, is_recorded: bool, num_inputs: int, *tensors: Tensor) -> Tensor:
        needed = ctx.needs_input_grad[3:]
        inputs = [_to_glass(tensor, need) for tensor, need in zip(tensors[:num_inputs], needed)]
        with glass.set_grad_enabled(is_recorded):
            ctx.output = network(*inputs)
        ctx.leaves = [*inputs, *network.parameters()]
        return torch.tensor(ctx.output.array)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        leaves = [leaf for leaf in ctx.leaves if leaf is not None and leaf.requires_grad]
        start = glass.from_numpy(gradient.numpy())
        found = dict(zip(leaves, glass.autograd.grad(ctx.output, leaves, start, allow_unused=True)))
        return None, None, None, *(_to_torch(found.get(leaf)) for leaf in ctx.leaves)


def _to_glass(tensor: Tensor | None, requires_grad: bool) -> glass.Tensor | None:
    """An input without a copy."""
    return None if tensor is None else glass.from_numpy(tensor.detach().numpy()).requires_grad_(requires_grad)


def _to_torch(gradient: glass.Tensor | None) -> Tensor | None:
    """A gradient without a copy, unless it is a view that repeats its memory."""
    return None if gradient is None else torch.from_numpy(np.require(gradient.array, requirements="CW"))
