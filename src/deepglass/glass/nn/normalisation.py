"""Normalisation: shift and scale values to mean 0 and variance 1, then let the network choose its own scale again.

They differ only in what is averaged together; see the functions for formulas and sources. Left out: local response
norm, running statistics of instance norm.
"""

from ..creation import ones, zeros
from ..tensor import tensor
from . import functional as F
from .module import Module, Parameter


class _Norm(Module):
    """Scale `weight` (ones) and shift `bias` (zeros); either may be absent, and is then None."""

    def __init__(self, shape, eps, weight, bias, factory):
        super().__init__()
        self.eps = eps
        self.register_parameter("weight", Parameter(ones(shape, **factory)) if weight else None)
        if bias is not None:
            self.register_parameter("bias", Parameter(zeros(shape, **factory)) if weight and bias else None)


class _BatchNorm(_Norm):
    """y = (x - mean) / √(var + ε) · weight + bias, mean and var of a channel over the batch and all its places.

    In evaluation the running mean and variance take their place.

    Args:
        num_features: Channels C.
        eps: Added to the variance.
        momentum: Share of the newest batch in the running values; None: the plain mean of all batches.
        affine: Whether there are weight and bias.
        track_running_stats: Whether there are running values; without them evaluation uses the batch as well.
    """

    dims = ()

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, *, bias=True, **factory
    ):
        super().__init__(num_features, eps, affine, bias, factory)
        self.num_features, self.momentum = num_features, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.register_buffer("running_mean", zeros(num_features, **factory) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features, **factory) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def forward(self, input):
        if input.dim() not in self.dims:
            raise ValueError(f"expected {' or '.join(f'{d}D' for d in self.dims)} input (got {input.dim()}D input)")
        share = self.momentum or 0.0
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            share = 1.0 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        uses_batch = self.training or self.running_mean is None
        running = (self.running_mean, self.running_var)
        return F.batch_norm(input, *running, self.weight, self.bias, uses_batch, share, self.eps)

    def extra_repr(self):
        affine = f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, {affine}"


class BatchNorm1d(_BatchNorm):
    """Batch norm of (B, C) or (B, C, L)."""

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch norm of (B, C, H, W)."""

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch norm of (B, C, T, H, W)."""

    dims = (5,)


class GroupNorm(_Norm):
    """Mean and variance of `num_channels / num_groups` channels of one sample; input (B, num_channels, …).

    Raises:
        ValueError: If the channels are not divisible by the groups.
    """

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, *, bias=True, **factory):
        super().__init__(num_channels, eps, affine, bias, factory)
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.affine = num_groups, num_channels, affine

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class InstanceNorm2d(_Norm):
    """Mean and variance of each channel of each picture over its own places; input (B, C, H, W) or (C, H, W).

    Raises:
        NotImplementedError: If running statistics are asked for.
    """

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False, *, bias=True, **factory
    ):
        super().__init__(num_features, eps, affine, bias, factory)
        if track_running_stats:
            raise NotImplementedError("InstanceNorm2d: track_running_stats is left out of the glass engine")
        self.num_features, self.momentum = num_features, momentum
        self.affine, self.track_running_stats = affine, track_running_stats

    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(f"expected 3D or 4D input (got {input.dim()}D input)")
        whole = input if input.dim() == 4 else input.unsqueeze(0)
        y = F.instance_norm(whole, None, None, self.weight, self.bias, True, self.momentum, self.eps)
        return y if input.dim() == 4 else y.squeeze(0)

    def extra_repr(self):
        affine = f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, {affine}"


class LayerNorm(_Norm):
    """Mean and variance over the last dimensions, `normalized_shape`; weight and bias have that shape."""

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, **factory):
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, eps, elementwise_affine, bias, factory)
        self.normalized_shape, self.elementwise_affine = shape, elementwise_affine

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSNorm(LayerNorm):
    """x / √(mean(x²) + ε) · weight over the last dimensions; ε defaults to the smallest step of the dtype."""

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, **factory):
        super().__init__(normalized_shape, eps, elementwise_affine, None, **factory)

    def forward(self, input):
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)
