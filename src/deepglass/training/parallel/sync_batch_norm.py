"""Batch norm over the batches of all processes: the mean and variance of the whole batch, not of one part.

    mean = Σ x / n,  var = Σ (x - mean)² / n,  both sums over every process

DDP leaves every process to its own part, so the result depends on how many there are. PyTorch's SyncBatchNorm runs on
GPUs only; this one is written with two sums that travel between the processes, forwards and backwards, on any device.

References:
    Ioffe & Szegedy (2015), Batch Normalization, https://arxiv.org/abs/1502.03167
    Peng et al. (2018), MegDet, https://arxiv.org/abs/1711.07240 (statistics across devices)
"""

from types import MethodType
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from deepglass.training.parallel.processes import Team


def synchronize(model: nn.Module, team: Team) -> None:
    """Let every batch norm of `model` see the whole batch while it trains; the layers stay what they are."""
    for layer in _layers(model):
        layer.forward = MethodType(lambda self, x: synced_batch_norm(self, x, team), layer)


def release(model: nn.Module) -> None:
    """Take `synchronize` back."""
    for layer in _layers(model):
        vars(layer).pop("forward", None)


def synced_batch_norm(layer: Any, x: Tensor, team: Team) -> Tensor:
    """What `layer` gives for the part `x` of a batch that lies in all processes.

    Shape:
        - x: (B, C, ...)
        - output: (B, C, ...)
    """
    if not layer.training:
        return type(layer).forward(layer, x)
    group, axes, shape = team.group(x.device), [0, *range(2, x.dim())], (1, -1, *[1] * (x.dim() - 2))
    counts = 0.0 if team.is_spare else 1.0  # whoever computes along without weight has no say
    values = x.float()
    size = values.new_full((1,), x.numel() / x.shape[1])
    sums = SumOverProcesses.apply(counts * torch.cat([values.sum(axes), size]), group)  # (C + 1,)
    mean, total = sums[:-1] / sums[-1], sums[-1]  # (C,)
    centred = values - mean.view(shape)
    var = SumOverProcesses.apply(counts * centred.square().sum(axes), group) / total  # (C,)
    _remember(layer, mean.detach(), var.detach() * total / (total - 1))
    normal = centred * (var + layer.eps).rsqrt().view(shape)
    if layer.affine:
        normal = normal * layer.weight.view(shape) + layer.bias.view(shape)
    return normal.to(x.dtype)


class SumOverProcesses(torch.autograd.Function):
    """Σ over processes; the gradient of every part is the sum of what all processes say of it."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, group: Any) -> Tensor:
        ctx.group = group
        return _sum(value, group)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _sum(gradient, ctx.group), None


def _sum(value: Tensor, group: Any) -> Tensor:
    total = value.detach().clone().contiguous()
    dist.all_reduce(total, group=group)
    return total


def _remember(layer: Any, mean: Tensor, var: Tensor) -> None:
    """Take the statistics of a batch into the running ones, as PyTorch does."""
    if not layer.track_running_stats:
        return
    layer.num_batches_tracked += 1
    pace = 1 / float(layer.num_batches_tracked) if layer.momentum is None else layer.momentum
    layer.running_mean.lerp_(mean, pace)
    layer.running_var.lerp_(var, pace)


def _layers(model: nn.Module) -> list[Any]:
    return [layer for layer in model.modules() if isinstance(layer, _BatchNorm)]
