"""Augmentation of pictures and the boxes in them: where the picture goes, its boxes go.

Every picture of a batch is changed by its own draw, as in `image.py`. Of a box that is pushed out of the picture the
visible part stays; where that is too little to tell what it is, it is not asked for any more.

References:
    Liu et al. (2016), SSD: Single Shot MultiBox Detector, https://arxiv.org/abs/1512.02325 (section 2.2: crops and
    enlarged grounds are worth 8 points of mAP)
"""

from collections.abc import Callable

import torch
from torch import Tensor

from deepglass.data.augment import image

ABSENT, NOT_ASKED = -1.0, 1.0  # states of a box
LEAST_VISIBLE = 0.3  # share of a box that must be left
NEAREST, FARTHEST = 0.7, 1.4  # sides of what is shown, as a share of the picture's; beyond 1 the ground is black
SHIFT = 1 / 8  # of the side, so many times on either side

Changed = tuple[Tensor, Tensor]


def flip(images: Tensor, targets: Tensor) -> Changed:
    """Mirror every second picture left to right."""
    is_mirrored = torch.rand(len(images), device=images.device) < 0.5
    x0, x1 = targets[..., 0], targets[..., 2]
    mirrored = torch.stack([1 - x1, targets[..., 1], 1 - x0, *targets[..., 3:].unbind(dim=-1)], dim=-1)
    images = torch.where(is_mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    return images, torch.where(is_mirrored.view(-1, 1, 1) & (targets[..., 5:] >= 0), mirrored, targets)


def crop(images: Tensor, targets: Tensor) -> Changed:
    """Shift by up to an eighth of the side either way; what comes in from outside is black."""
    shift = SHIFT * 2 * (2 * torch.rand(2, len(images), device=images.device) - 1)  # the picture is 2 wide
    return moved(images, targets, torch.ones_like(shift[0]), shift[0], shift[1])


def zoom(images: Tensor, targets: Tensor) -> Changed:
    """Come nearer or go farther, at a random place: things become larger and smaller."""
    B = len(images)
    side = NEAREST * (FARTHEST / NEAREST) ** torch.rand(B, device=images.device)
    dx, dy = ((2 * torch.rand(B, device=images.device) - 1) * (1 - side).abs() for _ in "xy")
    return moved(images, targets, side, dx, dy)


def colour(images: Tensor, targets: Tensor) -> Changed:
    """Change brightness, contrast and saturation; boxes stay where they are."""
    return image.colour(images), targets


AUGMENTATIONS: dict[str, Callable[[Tensor, Tensor], Changed]] = {
    "flip": flip,
    "crop": crop,
    "zoom": zoom,
    "colour": colour,
}


def augment(images: Tensor, targets: Tensor, names: list[str]) -> Changed:
    """Apply augmentations one after the other.

    Args:
        images: Brightness from 0 to 255 as floats.
        targets: Boxes as shares of the picture, classes, states (below 0: no box).
        names: Of `AUGMENTATIONS`.

    Shape:
        - images: (B, C, H, W)
        - targets: (B, D, 6)
        - output: both again
    """
    for name in names:
        images, targets = AUGMENTATIONS[name](images, targets)
    return images, targets


def moved(images: Tensor, targets: Tensor, side: Tensor, dx: Tensor, dy: Tensor) -> Changed:
    """Show the window of `side` times the size whose middle lies (dx, dy) beside that of the picture.

    Args:
        images: (B, C, H, W)
        targets: (B, D, 6)
        side: (B,) of the window, 1 is the whole picture.
        dx: (B,) where 2 is the width of the picture.
        dy: (B,) where 2 is its height.
    """
    zero = torch.zeros_like(side)
    affine = torch.stack([torch.stack([side, zero, dx], 1), torch.stack([zero, side, dy], 1)], 1)  # (B, 2, 3)
    shift, scale = torch.stack([dx, dy, dx, dy], 1)[:, None], side.view(-1, 1, 1)  # (B, 1, 4), (B, 1, 1)
    boxes = ((2 * targets[..., :4] - 1 - shift) / scale + 1) / 2  # (B, D, 4)
    return image.resample(images, affine), cut(boxes, targets)


def cut(boxes: Tensor, targets: Tensor) -> Tensor:
    """Targets with boxes (B, D, 4) cut at the edge of the picture; what is hardly seen is not asked for."""
    inside = boxes.clamp(0, 1)
    visible = area(inside) / area(boxes).clamp(min=1e-12)
    states = targets[..., 5]
    states = torch.where((visible < LEAST_VISIBLE) & (states >= 0), states.clamp(min=NOT_ASKED), states)
    states = torch.where(visible <= 0, torch.full_like(states, ABSENT), states)
    return torch.cat([inside, targets[..., 4:5], states[..., None]], dim=-1)


def area(boxes: Tensor) -> Tensor:
    """Of boxes (…, 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
