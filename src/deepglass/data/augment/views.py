"""Views of pictures: the same thing, as it might have been taken otherwise; and pictures of which patches are hidden.

The pictures come as the network takes them. They are brought back to brightness from 0 to 255, changed as
`image.py` beside this file knows it, and scaled again: on the device, within the step.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from deepglass.core.device import constant
from deepglass.data.augment.choice import PHOTO_SIDE, TINY_SIDE
from deepglass.data.augment.image import augment

PATCHES = 7  # hidden squares along the shorter side, about


@dataclass(frozen=True)
class Pictures:
    """How pictures (B, C, H, W) are changed.

    Args:
        augmentations: By name, one after the other.
        mean, std: Of each channel, in units of a byte.
    """

    augmentations: list[str]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def once(self, images: Tensor) -> Tensor:
        """(B, C, H, W) a view of each."""
        mean, std = (constant(of, images.device).view(-1, 1, 1) for of in (self.mean, self.std))
        return (augment(images.float() * std + mean, self.augmentations) - mean) / std

    def twice(self, images: Tensor) -> Tensor:
        """(2B, C, H, W) a view of each, then another of each."""
        return self.once(torch.cat([images, images]))


def usual_augmentations(height: int, width: int) -> list[str]:
    """What changes a picture enough, and leaves what is in it.

    Cropping and enlarging matter most (Chen et al. 2020, figure 5); light changes photographs. Mirrors are left out:
    of digits they make others, and without labels nobody can try it.
    """
    side = max(height, width)
    return ["zoom", *(["rotate"] if side <= TINY_SIDE else []), *(["colour"] if side > PHOTO_SIDE else []), "erase"]


def hidden_patches(images: Tensor, share: float) -> Tensor:
    """(B, 1, H, W) which pixels are hidden: whole squares, about `share` of them, at least one and never all."""
    B, _, H, W = images.shape
    side = -(-min(H, W) // PATCHES)
    rows, columns = -(-H // side), -(-W // side)
    count = min(rows * columns - 1, max(1, round(share * rows * columns)))
    order = torch.rand(B, rows * columns, device=images.device).argsort(dim=1).argsort(dim=1)
    hidden = (order < count).view(B, 1, rows, columns)
    return hidden.repeat_interleave(side, 2).repeat_interleave(side, 3)[:, :, :H, :W]
