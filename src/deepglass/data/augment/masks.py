"""Augmentation of pictures and their masks: where a pixel goes, its class goes.

Every picture of a batch is changed by its own draw, as in `image.py`. Masks are looked up at the nearest pixel, for
there is nothing between two classes; what comes in from outside mirrors the picture.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.data.augment import image
from deepglass.data.masked_pictures import OUTSIDE

NEAREST, FARTHEST = 0.75, 1.3  # sides of what is shown, as a share of the picture's

Changed = tuple[Tensor, Tensor]


def flip(images: Tensor, masks: Tensor) -> Changed:
    """Mirror every second picture left to right."""
    is_mirrored = (torch.rand(len(images), device=images.device) < 0.5).view(-1, 1, 1)
    images = torch.where(is_mirrored[..., None], images.flip(3), images)
    return images, torch.where(is_mirrored, masks.flip(2), masks)


def turn(images: Tensor, masks: Tensor) -> Changed:
    """Turn by quarters, and mirror upside down: for pictures without above and below, such as cells and fields.

    Pictures that are not square are turned by halves.
    """
    drawn = torch.rand(3, len(images), 1, 1, device=images.device) < 0.5
    images = torch.where(drawn[0][..., None], images.flip(2), images)
    masks = torch.where(drawn[0], masks.flip(1), masks)
    images = torch.where(drawn[1][..., None], images.flip(3), images)
    masks = torch.where(drawn[1], masks.flip(2), masks)
    if images.shape[2] != images.shape[3]:
        return images, masks
    return torch.where(drawn[2][..., None], images.transpose(2, 3), images), torch.where(
        drawn[2], masks.transpose(1, 2), masks
    )


def rotate(images: Tensor, masks: Tensor) -> Changed:
    """Turn by up to twelve degrees either way."""
    angle = (2 * torch.rand(len(images), device=images.device) - 1) * math.radians(image.ANGLE)
    return moved(images, masks, angle, torch.ones_like(angle))


def zoom(images: Tensor, masks: Tensor) -> Changed:
    """Come nearer or go farther: things become larger and smaller."""
    side = NEAREST * (FARTHEST / NEAREST) ** torch.rand(len(images), device=images.device)
    return moved(images, masks, torch.zeros_like(side), side)


def colour(images: Tensor, masks: Tensor) -> Changed:
    """Change brightness, contrast and saturation; masks stay as they are."""
    return image.colour(images), masks


AUGMENTATIONS: dict[str, Callable[[Tensor, Tensor], Changed]] = {
    "flip": flip,
    "turn": turn,
    "rotate": rotate,
    "zoom": zoom,
    "colour": colour,
}


def augment(images: Tensor, masks: Tensor, names: list[str]) -> Changed:
    """Apply augmentations one after the other.

    Args:
        images: Brightness from 0 to 255 as floats.
        masks: Classes, `IGNORED` or `OUTSIDE`.
        names: Of `AUGMENTATIONS`.

    Shape:
        - images: (B, C, H, W)
        - masks: (B, H, W)
        - output: both again
    """
    for name in names:
        images, masks = AUGMENTATIONS[name](images, masks)
    return images, masks


def crop(images: Tensor, masks: Tensor, height: int, width: int) -> Changed:
    """A random window of each picture, inside its real edges where it is large enough.

    Args:
        images: Enlarged to one size.
        masks: `OUTSIDE` where they were enlarged.
        height: Of the window.
        width: Of the window.

    Shape:
        - images: (B, C, H, W)
        - masks: (B, H, W)
        - output: (B, C, height, width) and (B, height, width), less where the pictures are smaller
    """
    B, C, H, W = images.shape
    height, width = min(height, H), min(width, W)
    if (height, width) == (H, W):
        return images, masks
    real = masks != OUTSIDE
    room = torch.stack([real[:, :, 0].sum(dim=1) - height, real[:, 0].sum(dim=1) - width]).clamp(min=0)  # (2, B)
    top, left = (torch.rand(2, B, device=images.device) * (room + 1)).floor().long()
    rows = (top[:, None] + torch.arange(height, device=images.device)).view(B, height, 1)
    columns = (left[:, None] + torch.arange(width, device=images.device)).view(B, 1, width)
    place = rows * W + columns  # (B, height, width)
    flat = place.view(B, 1, -1)
    images = images.flatten(2).gather(2, flat.expand(B, C, -1)).view(B, C, height, width)
    return images, masks.flatten(1).gather(1, flat[:, 0]).view(B, height, width)


def moved(images: Tensor, masks: Tensor, angle: Tensor, side: Tensor) -> Changed:
    """Show each picture turned by `angle` (B,) in radians, and `side` (B,) times as much of it."""
    H, W = images.shape[2:]
    cos, sin, zero = side * angle.cos(), side * angle.sin(), torch.zeros_like(angle)
    aspect = H / W  # coordinates run from -1 to 1 on both sides, whatever their length
    rows = (torch.stack([cos, -sin * aspect, zero], 1), torch.stack([sin / aspect, cos, zero], 1))
    grid = F.affine_grid(torch.stack(rows, 1).to(images.dtype), list(images.shape), align_corners=False)
    looked_up = {"padding_mode": "reflection", "align_corners": False}
    values = F.grid_sample(masks[:, None].to(images.dtype), grid, mode="nearest", **looked_up)
    return F.grid_sample(images, grid, mode="bilinear", **looked_up), values[:, 0].round().to(masks.dtype)
