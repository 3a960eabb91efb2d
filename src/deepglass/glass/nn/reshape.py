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


def _padding(name, ndim, mode):
    """A module that pads the last dimensions; `padding` is one number or (left, right, top, bottom)."""

    def pad(input, padding):
        """A frame around the input."""
        return F.pad(input, (padding,) * (2 * ndim) if isinstance(padding, int) else padding, mode)

    return layer(name, pad, padding=NEEDED)


ZeroPad1d, ZeroPad2d = _padding("ZeroPad1d", 1, "constant"), _padding("ZeroPad2d", 2, "constant")
ReflectionPad1d, ReflectionPad2d = _padding("ReflectionPad1d", 1, "reflect"), _padding("ReflectionPad2d", 2, "reflect")


class _Dropout(FunctionModule):
    """While training, units fall silent at random (Srivastava et al., 2014)."""

    def __init__(self, p=0.5, inplace=False):
        super().__init__(p, inplace)
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")

    def forward(self, input):
        return self.function(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


SILENCE = {"base": _Dropout, "p": 0.5, "inplace": False}
Dropout = layer("Dropout", F.dropout, **SILENCE)  # values
Dropout1d, Dropout2d = (
    layer("Dropout1d", F.dropout1d, **SILENCE),
    layer("Dropout2d", F.dropout2d, **SILENCE),
)  # channels
AlphaDropout = layer("AlphaDropout", F.alpha_dropout, **SILENCE)  # for SELU: mean and variance stay
