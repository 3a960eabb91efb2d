"""What a picture shows, by the way its edges run: histograms of oriented gradients.

    gradient of each pixel ── its direction, from 0° to 180°, in eight bins ── summed over cells ── scaled to length 1

Light counts for nothing, since a gradient is a difference, nor does contrast, since the length is 1; that an edge moves
by a pixel changes little, since a cell has several. Two pictures of one kind of thing are nearer by these numbers than
by their pixels.

References:
    Dalal & Triggs (2005), Histograms of Oriented Gradients for Human Detection,
    https://doi.org/10.1109/CVPR.2005.177 (changed: one length for the whole picture, in place of one for each block)
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

BINS = 8  # of directions; they have nine
CELLS = 7  # along the shorter side, about: of 28 pixels a cell has four, and reaches one beyond on every side
LEAST_LENGTH = 1e-6  # of a picture without an edge


def histograms(images: Tensor) -> Tensor:
    """Descriptors of length 1; zeros for a picture without an edge.

    Args:
        images: Brightness of any scale. Of several channels the one with the steepest slope counts, pixel by pixel.

    Shape:
        - images: (B, C, H, W)
        - output: (B, 8 · rows · columns of cells)

    Example:
        >>> histograms(torch.rand(2, 1, 28, 28)).shape
        torch.Size([2, 392])
    """
    dy, dx = slopes(images)
    strength, steepest = (dx.square() + dy.square()).sqrt().max(dim=1, keepdim=True)  # (B, 1, H, W)
    direction = torch.atan2(dy.gather(1, steepest), dx.gather(1, steepest)) % math.pi
    places = direction / math.pi * BINS - torch.arange(BINS, device=images.device).view(1, BINS, 1, 1)
    away = ((places + BINS / 2) % BINS - BINS / 2).abs()  # around the circle
    votes = strength * (1 - away).clamp(min=0)  # (B, 8, H, W) shared between the two nearest bins
    side = max(1, round(min(images.shape[2:]) / CELLS))
    beyond = side // 4
    cells = F.avg_pool2d(votes, side + 2 * beyond, side, beyond)
    return F.normalize(cells.flatten(1), dim=1, eps=LEAST_LENGTH)


def slopes(images: Tensor) -> tuple[Tensor, Tensor]:
    """Down and to the right: the differences of the neighbours on both sides; at the border the picture goes on."""
    padded = F.pad(images, (1, 1, 1, 1), mode="replicate")
    down = padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
    right = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]
    return down, right
