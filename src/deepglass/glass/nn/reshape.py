"""Modules that only rearrange: Identity, Flatten, Unflatten, PixelShuffle, and the padding of borders."""

from . import functional as F
from .module import FunctionModule, Module


class Identity(Module):
    """Gives back what it gets, whatever its arguments: a placeholder for a layer that is switched off."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


class Flatten(Module):
    """(B, C, H, W) → (B, C·H·W): dimensions `start_dim` to `end_dim` become one."""

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """(B, C·H·W) → (B, C, H, W): the opposite of Flatten."""

    def __init__(self, dim, unflattened_size):
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input):
        dim = self.dim % input.dim()
        return input.reshape(*input.shape[:dim], *self.unflattened_size, *input.shape[dim + 1 :])

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class PixelShuffle(FunctionModule):
    """(B, C·r², H, W) → (B, C, H·r, W·r): channels become pixels (Shi et al. 2016, https://arxiv.org/abs/1609.05158)."""

    function = F.pixel_shuffle

    def __init__(self, upscale_factor):
        super().__init__(upscale_factor=upscale_factor)


class _Pad(FunctionModule):
    """Pads the last `ndim` dimensions; `padding` is one number or (left, right, top, bottom, front, back)."""

    ndim, mode = 2, "constant"

    function = F.pad

    def __init__(self, padding, **settings):
        padding = (padding,) * (2 * self.ndim) if isinstance(padding, int) else tuple(padding)
        super().__init__(pad=padding, mode=self.mode, **settings)
        self.padding = padding

    def extra_repr(self):
        return str(self.padding)


class ConstantPad1d(_Pad):
    ndim = 1

    def __init__(self, padding, value):
        super().__init__(padding, value=value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d):
    ndim = 2


class ConstantPad3d(ConstantPad1d):
    ndim = 3


class ZeroPad1d(_Pad):
    ndim = 1


class ZeroPad2d(_Pad):
    ndim = 2


class ZeroPad3d(_Pad):
    ndim = 3


class ReflectionPad1d(_Pad):
    """a b c → b | a b c | b: the picture is mirrored at its border."""

    ndim, mode = 1, "reflect"


class ReflectionPad2d(ReflectionPad1d):
    ndim = 2


class ReflectionPad3d(ReflectionPad1d):
    ndim = 3


class ReplicationPad1d(_Pad):
    """a b c → a | a b c | c: the border value goes on."""

    ndim, mode = 1, "replicate"


class ReplicationPad2d(ReplicationPad1d):
    ndim = 2


class ReplicationPad3d(ReplicationPad1d):
    ndim = 3


class CircularPad1d(_Pad):
    """a b c → c | a b c | a: the left border touches the right one."""

    ndim, mode = 1, "circular"


class CircularPad2d(CircularPad1d):
    ndim = 2


class CircularPad3d(CircularPad1d):
    ndim = 3
