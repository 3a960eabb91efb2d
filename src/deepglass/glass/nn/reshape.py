"""Modules that only rearrange: Identity, Flatten, Unflatten, padding of borders, more pixels; and dropout."""

from ..ops.shape import flatten
from . import functional as F
from .layer import NEEDED, FunctionModule, layer
from .module import Module


class Identity(Module):
    """Gives back what it gets, whatever its arguments: a placeholder for a layer that is switched off."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


def _unflatten(input, dim, unflattened_size):
    """(B, C·H·W) → (B, C, H, W)."""
    return input.unflatten(dim, tuple(unflattened_size))


Flatten = layer("Flatten", flatten, start_dim=1, end_dim=-1)  # (B, C, H, W) → (B, C·H·W)
Unflatten = layer("Unflatten", _unflatten, dim=NEEDED, unflattened_size=NEEDED)
PixelShuffle = layer("PixelShuffle", F.pixel_shuffle, upscale_factor=NEEDED)  # (B, C·r², H, W) → (B, C, H·r, W·r)


class Upsample(layer("_Upsample", F.interpolate, size=None, scale_factor=None, mode="nearest", align_corners=None)):
    """More pixels than there were, copied from the nearest or interpolated between the neighbours."""

    def extra_repr(self):
        given = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{given}, mode={self.mode!r}"


class ZeroPad2d(Module):
    """A frame of zeros; `padding` is one width or (left, right, top, bottom)."""

    ndim, mode = 2, "constant"

    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * (2 * self.ndim) if isinstance(padding, int) else tuple(padding)

    def forward(self, input):
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self):
        return str(self.padding)


class ZeroPad1d(ZeroPad2d):
    ndim = 1


class ReflectionPad2d(ZeroPad2d):
    """a b c → b | a b c | b: the picture is mirrored at its border."""

    mode = "reflect"


class ReflectionPad1d(ReflectionPad2d):
    ndim = 1


class _Dropout(FunctionModule):
    """While training, units fall silent at random (Srivastava et al., 2014)."""

    def __init__(self, p=0.5, inplace=False):
        super().__init__(p, inplace)
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")

    def forward(self, input):
        return self.function(input, self.p, self.training, self.inplace)  # pyright: ignore[reportOptionalCall]

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


SILENCE = {"base": _Dropout, "p": 0.5, "inplace": False}
Dropout = layer("Dropout", F.dropout, **SILENCE)  # values
Dropout2d = layer("Dropout2d", F.dropout2d, **SILENCE)  # whole channels
