"""Pooling: many neighbours become one, their maximum or their mean.

Left out: pooling by a p-norm, fractional pooling, unpooling.
"""

from . import functional as F
from .module import FunctionModule


class _MaxPool(FunctionModule):
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        super().__init__(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            return_indices=return_indices,
        )

    def extra_repr(self):
        return super().extra_repr().rpartition(", return_indices")[0]


class MaxPool1d(_MaxPool):
    """The largest value of each window: (B, C, L) → (B, C, Lₒ)."""

    function = F.max_pool1d


class MaxPool2d(_MaxPool):
    """The largest value of each window: (B, C, H, W) → (B, C, Hₒ, Wₒ)."""

    function = F.max_pool2d


class MaxPool3d(_MaxPool):
    """The largest value of each window: (B, C, D, H, W) → (B, C, Dₒ, Hₒ, Wₒ)."""

    function = F.max_pool3d


class AvgPool1d(FunctionModule):
    """The mean of each window: (B, C, L) → (B, C, Lₒ)."""

    function = F.avg_pool1d

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        stride = kernel_size if stride is None else stride
        sizes = (n if isinstance(n, tuple) else (n,) for n in (kernel_size, stride, padding))
        names = dict(zip(("kernel_size", "stride", "padding"), sizes))
        super().__init__(**names, ceil_mode=ceil_mode, count_include_pad=count_include_pad)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(FunctionModule):
    """The mean of each window: (B, C, H, W) → (B, C, Hₒ, Wₒ)."""

    function = F.avg_pool2d

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        super().__init__(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
        )

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """The mean of each window: (B, C, D, H, W) → (B, C, Dₒ, Hₒ, Wₒ)."""

    function = F.avg_pool3d


class _AdaptivePool(FunctionModule):
    """Whatever the input's size, the output has `output_size`: the windows are cut to fit."""

    def __init__(self, output_size):
        super().__init__(output_size=output_size)


class AdaptiveAvgPool1d(_AdaptivePool):
    function = F.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptivePool):
    function = F.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptivePool):
    function = F.adaptive_avg_pool3d


class _AdaptiveMaxPool(_AdaptivePool):
    def __init__(self, output_size, return_indices=False):
        FunctionModule.__init__(self, output_size=output_size, return_indices=return_indices)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    function = F.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    function = F.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    function = F.adaptive_max_pool3d
