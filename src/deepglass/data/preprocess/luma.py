"""Brightness apart from colour: Y, Cb and Cr of ITU-R BT.601, as every figure of super-resolution is given on them.

Eyes see fine detail in brightness and hardly in colour. So a network makes Y finer, and Cb and Cr are enlarged in the
classic way. Y runs from 16 to 235 and not from 0 to 255: with the full range every PSNR would be 1.3 dB lower.

References:
    ITU-R BT.601, https://www.itu.int/rec/R-REC-BT.601 (the weights of MATLAB's rgb2ycbcr, in which papers measure)
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

WEIGHTS = ((65.481, 128.553, 24.966), (-37.797, -74.203, 112.0), (112.0, -93.786, -18.214))  # of R, G and B in [0, 1]
BACK = tuple(map(tuple, np.linalg.inv(np.array(WEIGHTS)).tolist()))  # from Y, Cb and Cr above their ground to R, G, B
GROUND = (16.0, 128.0, 128.0)  # of black


def apart(pixels: Tensor) -> Tensor:
    """Y, Cb and Cr in [0, 1] of colour or grey pictures; a grey one has three equal colours.

    Shape:
        - pixels: (…, 3) or (…, 1), brightness from 0 to 255
        - output: (…, 3)
    """
    if pixels.shape[-1] == 1:
        pixels = pixels.expand(*pixels.shape[:-1], 3)
    return (_weighed(pixels / 255, WEIGHTS) + pixels.new_tensor(GROUND)) / 255


def together(planes: Tensor, channels: int = 3) -> Tensor:
    """The picture, in [0, 1] and cut off at these ends.

    Args:
        planes: Y, Cb and Cr in [0, 1].
        channels: 3 for colour; 1 for grey, which is read off Y alone.

    Shape:
        - planes: (…, 3)
        - output: (…, channels)
    """
    found = _weighed(planes * 255 - planes.new_tensor(GROUND), BACK)
    if channels == 1:
        found = (planes[..., :1] * 255 - GROUND[0]) / sum(WEIGHTS[0])
    return found.clamp(0, 1)


def _weighed(parts: Tensor, weights: Sequence[Sequence[float]]) -> Tensor:
    """Sums of three parts; no matrix product, which automatic mixed precision would round to 8 bits."""
    return (parts[..., None, :] * parts.new_tensor(weights)).sum(dim=-1)
