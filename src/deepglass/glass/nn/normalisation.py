"""Normalisation: shift and scale values to mean 0 and variance 1, then let the network choose its own scale again.

They differ only in what is averaged together. Batch norm: a channel over the batch (Ioffe & Szegedy 2015,
https://arxiv.org/abs/1502.03167). Layer norm: one token (Ba et al. 2016, https://arxiv.org/abs/1607.06450). Instance
norm: one channel of one image. Group norm: some channels of one image (Wu & He 2018, https://arxiv.org/abs/1803.08494).
RMS norm: one token, without its mean (Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467).
"""

from ..creation import ones, zeros
from ..tensor import tensor
from . import functional as F
from . import init
from .module import FunctionModule, Module, Parameter


class _Norm(Module):
    """Scale `weight` (ones) and shift `bias` (zeros); either may be absent, and is then None."""

    def _make_affine(self, shape, weight, bias, factory):
        self.register_parameter("weight", Parameter(ones(*shape, **factory)) if weight else None)
        self.register_parameter("bias", Parameter(zeros(*shape, **factory)) if bias else None)

    def reset_parameters(self):
        if self.weight is not None:
            init.ones_(self.weight)
        if self._parameters.get("bias") is not None:
            init.zeros_(self.bias)


class _RunningNorm(_Norm):
    """A norm over channels that can remember mean and variance for evaluation."""

    dims = ()

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, *, bias=True, **factory
    ):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._make_affine((num_features,), affine, affine and bias, factory)
        self.register_buffer("running_mean", zeros(num_features, **factory) if track_running_stats else None)
        self.register_buffer("running_var", ones(num_features, **factory) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def reset_running_stats(self):
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            self.num_batches_tracked.zero_()

    def _check_dims(self, input):
        if input.dim() not in self.dims:
            raise ValueError(f"expected {' or '.join(f'{d}D' for d in self.dims)} input (got {input.dim()}D input)")

    def extra_repr(self):
        affine = f"affine={self.affine}, bias={self.bias is not None}"
        stats = f"track_running_stats={self.track_running_stats}"
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, {affine}, {stats}"


class _BatchNorm(_RunningNorm):
    """y = (x - mean) / √(var + ε) · weight + bias, mean and var of a channel over the batch and all its places.

    In evaluation the running mean and variance take their place.

    Args:
        num_features: Channels C.
        eps: Added to the variance.
        momentum: Share of the newest batch in the running values; None: the plain mean of all batches.
        affine: Whether there are weight and bias.
        track_running_stats: Whether there are running values; without them evaluation uses the batch as well.
    """

    def forward(self, input):
        self._check_dims(input)
        uses_batch = self.training or self.running_mean is None
        factor = self.momentum or 0.0
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            factor = 1.0 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        remembers = not self.training or self.track_running_stats
        mean, var = (self.running_mean, self.running_var) if remembers else (None, None)
        return F.batch_norm(input, mean, var, self.weight, self.bias, uses_batch, factor, self.eps)


class BatchNorm1d(_BatchNorm):
    """Batch norm of (B, C) or (B, C, L)."""

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch norm of (B, C, H, W)."""

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch norm of (B, C, D, H, W)."""

    dims = (5,)


class _InstanceNorm(_RunningNorm):
    """y = (x - mean) / √(var + ε), mean and var of one channel of one sample; no weights unless `affine`."""

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False, *, bias=True, **factory
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias=bias, **factory)

    def forward(self, input):
        self._check_dims(input)
        batch = input if input.dim() == max(self.dims) else input.unsqueeze(0)
        uses_sample = self.training or not self.track_running_stats
        settings = (self.running_mean, self.running_var, self.weight, self.bias, uses_sample, self.momentum or 0.0)
        output = F.instance_norm(batch, *settings, self.eps)
        return output if batch is input else output.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Instance norm of (C, L) or (B, C, L)."""

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Instance norm of (C, H, W) or (B, C, H, W)."""

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Instance norm of (C, D, H, W) or (B, C, D, H, W)."""

    dims = (4, 5)


class GroupNorm(_Norm):
    """Mean and variance of `num_channels / num_groups` channels of one sample; input (B, num_channels, …)."""

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, *, bias=True, **factory):
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._make_affine((num_channels,), affine, affine and bias, factory)

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        affine = f"affine={self.affine}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, {affine}"


class LayerNorm(_Norm):
    """Mean and variance over the last dimensions, `normalized_shape`; weight and bias have that shape."""

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, **factory):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        affine = elementwise_affine
        self._make_affine(self.normalized_shape, affine, affine and bias, factory)

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        affine = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"


class RMSNorm(_Norm):
    """x / √(mean(x²) + ε) · weight over the last dimensions; ε defaults to the smallest step of the dtype."""

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, **factory):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(ones(*self.normalized_shape, **factory)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def forward(self, input):
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class LocalResponseNorm(FunctionModule):
    """x / (k + α/n Σ x²)^β over n neighbouring channels, as in AlexNet (Krizhevsky et al. 2012)."""

    function = F.local_response_norm

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        super().__init__(size=size, alpha=alpha, beta=beta, k=k)

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
