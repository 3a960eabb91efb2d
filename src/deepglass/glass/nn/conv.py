"""Convolution: the same small weights at every place (LeCun et al. 1989, https://doi.org/10.1162/neco.1989.1.4.541).

One class for three dimensions, one for the transposed kind; the public names only fix the number of dimensions.
"""

import math

from ..creation import empty
from ..left_out import refuse
from . import functional as F
from . import init
from .functional.resize import each
from .module import Module, Parameter


class _Conv(Module):
    """Weights, settings and printing of a convolution over `ndim` dimensions.

    Args:
        in_channels: Channels of the input; divisible by `groups`.
        out_channels: Channels of the output, the number of filters; divisible by `groups`.
        kernel_size: Size of a filter, one number or one a dimension.
        stride: Steps between two places of the filter.
        padding: Zeros at each border, or "valid" (none) or "same" (as many as keep the size).
        dilation: Steps between two weights of the filter.
        groups: Into how many groups the channels are split, each convolved for itself.
        bias: Whether each output channel has an offset.
        padding_mode: "zeros", "reflect", "replicate" or "circular".

    Raises:
        ValueError: If channels and groups do not divide, or a mode is unknown.
    """

    ndim, function, is_transposed = 2, None, False

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode="zeros", **factory,
    ):  # fmt: skip
        super().__init__()
        _check(in_channels, out_channels, groups, padding, stride, padding_mode)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (each(n, self.ndim) for n in (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else each(padding, self.ndim)
        self.padding_mode, self.output_padding = padding_mode, each(0, self.ndim)
        channels = (in_channels, out_channels) if self.is_transposed else (out_channels, in_channels)
        shape = (channels[0], channels[1] // groups, *self.kernel_size)
        self.weight = Parameter(empty(*shape, **factory))
        self.register_parameter("bias", Parameter(empty(out_channels, **factory)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weights and bias from U(-1/√fan_in, 1/√fan_in), fan_in being the inputs that one output sees."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._border(), mode=self.padding_mode), 0
        return type(self).function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _border(self):
        """`padding` in the order of `F.pad`: last dimension first, (before, after) each."""
        if self.padding == "valid":
            return (0, 0) * self.ndim
        if self.padding == "same":
            total = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            return tuple(n for t in reversed(total) for n in (t // 2, t - t // 2))
        return tuple(n for p in reversed(self.padding) for n in (p, p))

    def extra_repr(self):
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        usual = {
            "padding": (0,) * self.ndim,
            "dilation": (1,) * self.ndim,
            "output_padding": (0,) * self.ndim,
            "groups": 1,
        }
        parts += [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        parts += ["bias=False"] if self.bias is None else []
        parts += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(parts)


class Conv1d(_Conv):
    """(B, in_channels, L) → (B, out_channels, Lₒ), Lₒ = ⌊(L + 2·padding - dilation·(k - 1) - 1) / stride⌋ + 1."""

    ndim, function = 1, F.conv1d


class Conv2d(_Conv):
    """(B, in_channels, H, W) → (B, out_channels, Hₒ, Wₒ), sizes as in Conv1d."""

    ndim, function = 2, F.conv2d


class _ConvTranspose(_Conv):
    """The backward pass of a convolution, used forwards: each input place writes a whole filter (Zeiler et al. 2010).

    Args:
        output_padding: Rows added at the end: of the sizes that a strided convolution maps to the input's, which one.
        Others: As in a convolution.
    """

    is_transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode="zeros", **factory,
    ):  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        settings = (stride, padding, dilation, groups, bias, padding_mode)
        super().__init__(in_channels, out_channels, kernel_size, *settings, **factory)
        self.output_padding = each(output_padding, self.ndim)

    def forward(self, input, output_size=None):
        refuse(type(self).__name__, output_size=output_size)
        settings = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return type(self).function(input, self.weight, self.bias, *settings)


class ConvTranspose1d(_ConvTranspose):
    """(B, in_channels, L) → (B, out_channels, (L-1)·stride - 2·padding + dilation·(k-1) + output_padding + 1)."""

    ndim, function = 1, F.conv_transpose1d


class ConvTranspose2d(_ConvTranspose):
    """(B, in_channels, H, W) → (B, out_channels, Hₒ, Wₒ), sizes as in ConvTranspose1d."""

    ndim, function = 2, F.conv_transpose2d


def _check(in_channels, out_channels, groups, padding, stride, padding_mode):
    if groups <= 0 or in_channels % groups or out_channels % groups:
        raise ValueError(
            f"in_channels and out_channels must be divisible by {groups=}, got {in_channels}, {out_channels}"
        )
    if isinstance(padding, str) and padding not in ("valid", "same"):
        raise ValueError(f"Invalid padding string {padding!r}, should be one of 'valid', 'same'")
    if padding == "same" and any(s != 1 for s in ([stride] if isinstance(stride, int) else stride)):
        raise ValueError("padding='same' is not supported for strided convolutions")
    if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
        raise ValueError(f"padding_mode {padding_mode!r}: expected 'zeros', 'reflect', 'replicate' or 'circular'")
