"""Convolution: the same small weights at every place (LeCun et al. 1989, https://doi.org/10.1162/neco.1989.1.4.541).

One class for three dimensions, one for the transposed kind; the public names only fix the number of dimensions.
"""

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
        padding_mode: "zeros"; others are left out, see F.pad.

    Raises:
        ValueError: If channels and groups do not divide, or a mode is unknown.
    """

    ndim, function, is_transposed = 2, None, False

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode="zeros", **factory,
    ):  # fmt: skip
        super().__init__()
        refuse(type(self).__name__, padding_mode=None if padding_mode == "zeros" else padding_mode)
        _check(in_channels, out_channels, groups, padding, stride)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (each(n, self.ndim) for n in (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else each(padding, self.ndim)
        self.output_padding = each(0, self.ndim)
        channels = (in_channels, out_channels) if self.is_transposed else (out_channels, in_channels)
        shape = (channels[0], channels[1] // groups, *self.kernel_size)
        self.weight = Parameter(empty(*shape, **factory))
        self.register_parameter("bias", Parameter(empty(out_channels, **factory)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        init.by_fan_in_(self.weight, self.bias)

    def forward(self, input):
        settings = (self.stride, self.padding, self.dilation, self.groups)
        return type(self).function(input, self.weight, self.bias, *settings)  # pyright: ignore[reportOptionalCall]

    def extra_repr(self):
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        zeros, ones = (0,) * self.ndim, (1,) * self.ndim
        usual = {"padding": zeros, "dilation": ones, "output_padding": zeros, "groups": 1}
        parts += [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        parts += ["bias=False"] if self.bias is None else []
        return ", ".join(parts)


class Conv1d(_Conv):
    """(B, in_channels, L) → (B, out_channels, Lₒ), Lₒ = ⌊(L + 2·padding - dilation·(k - 1) - 1) / stride⌋ + 1."""

    ndim, function = 1, F.conv1d


class Conv2d(_Conv):
    """(B, in_channels, H, W) → (B, out_channels, Hₒ, Wₒ), sizes as in Conv1d."""

    ndim, function = 2, F.conv2d


class Conv3d(_Conv):
    """(B, in_channels, T, H, W) → (B, out_channels, Tₒ, Hₒ, Wₒ), sizes as in Conv1d: filters that see motion."""

    ndim, function = 3, F.conv3d


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
        settings = (stride, padding, dilation, groups, bias, padding_mode)
        super().__init__(in_channels, out_channels, kernel_size, *settings, **factory)
        self.output_padding = each(output_padding, self.ndim)

    def forward(self, input, output_size=None):
        refuse(type(self).__name__, output_size=output_size)
        settings = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return type(self).function(input, self.weight, self.bias, *settings)  # pyright: ignore[reportOptionalCall]


class ConvTranspose1d(_ConvTranspose):
    """(B, in_channels, L) → (B, out_channels, (L-1)·stride - 2·padding + dilation·(k-1) + output_padding + 1)."""

    ndim, function = 1, F.conv_transpose1d


class ConvTranspose2d(_ConvTranspose):
    """(B, in_channels, H, W) → (B, out_channels, Hₒ, Wₒ), sizes as in ConvTranspose1d."""

    ndim, function = 2, F.conv_transpose2d


def _check(in_channels, out_channels, groups, padding, stride):
    if groups <= 0 or in_channels % groups or out_channels % groups:
        raise ValueError(
            f"in_channels and out_channels must be divisible by {groups=}, got {in_channels}, {out_channels}"
        )
    if isinstance(padding, str) and padding not in ("valid", "same"):
        raise ValueError(f"Invalid padding string {padding!r}, should be one of 'valid', 'same'")
    if padding == "same" and any(s != 1 for s in ([stride] if isinstance(stride, int) else stride)):
        raise ValueError("padding='same' is not supported for strided convolutions")
