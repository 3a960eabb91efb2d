"""Pictures made smaller and larger with cubic weights: how coarse pictures are made, and the judge of finer ones.

    smaller   Pillow's antialiased bicubic: every new pixel is a weighted mean of all that it merges
    larger    a convolution with scale² fixed kernels of 5 x 5, then the sub-pixel shuffle: Pillow's numbers, as a graph

So the classic method is a sub-pixel convolution as well, of one layer and with weights that nobody has learnt.

References:
    Keys (1981), Cubic convolution interpolation for digital image processing,
    https://doi.org/10.1109/TASSP.1981.1163711 (a = -1/2)
    Shi et al. (2016), Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
    Neural Network, https://arxiv.org/abs/1609.05158
"""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

SHARPNESS = -0.5  # Keys' a: exact for parabolas; Pillow's and MATLAB's
REACH = 2  # pixels to each side that the cubic looks at


def cubic(distance: Tensor) -> Tensor:
    """The weight of a pixel so far away: 1 at 0, 0 at every other whole number."""
    x, a = distance.abs(), SHARPNESS
    near = ((a + 2) * x - (a + 3)) * x**2 + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def kernels(scale: int) -> Tensor:
    """(scale², 1, 5, 5): for each new pixel of an old one the weights of the old ones around it.

    Example:
        >>> kernels(2).shape, kernels(2).sum(dim=(1, 2, 3)).tolist()
        (torch.Size([4, 1, 5, 5]), [1.0, 1.0, 1.0, 1.0])
    """
    places = (torch.arange(scale, dtype=torch.float64) + 0.5) / scale - 0.5  # of new pixels, in old ones
    taps = cubic(places[:, None] - torch.arange(-REACH, REACH + 1, dtype=torch.float64))  # (scale, 5)
    return torch.einsum("pi,qj->pqij", taps, taps).reshape(scale**2, 1, *[2 * REACH + 1] * 2).float()


def larger(planes: Tensor, scale: int) -> Tensor:
    """Planes with `scale` times as many pixels per side; at the edges the weights inside are made to add up to 1.

    Shape:
        - planes: (B, C, H, W), any floats
        - output: (B, C, H·scale, W·scale)
    """
    B, C, H, W = planes.shape
    weights = kernels(scale).to(planes)
    total = F.conv2d(torch.ones_like(planes[:1, :1]), weights, padding=REACH)  # (1, scale², H, W)
    found = F.conv2d(planes.reshape(B * C, 1, H, W), weights, padding=REACH) / total  # (B·C, scale², H, W)
    return F.pixel_shuffle(found, scale).reshape(B, C, H * scale, W * scale)


def smaller(pixels: np.ndarray, scale: int) -> np.ndarray:
    """A picture with a `scale`-th of the pixels per side; what is left over below and to the right is cut off.

    Shape:
        - pixels: (H, W, C), uint8 or float32
        - output: (H // scale, W // scale, C), of the same type
    """
    height, width = pixels.shape[0] // scale, pixels.shape[1] // scale
    pixels = np.ascontiguousarray(pixels[: height * scale, : width * scale])
    if pixels.dtype == np.uint8 and pixels.shape[-1] == 3:
        return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))
    planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(pixels, -1, 0)]
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BICUBIC)) for plane in planes], axis=-1)
