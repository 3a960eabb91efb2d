"""Augmentation of pictures: changes that a person would not notice in the class.

Every picture of a batch is changed by its own draw, all of them in a few tensor operations, so that augmenting
costs a small part of a training step. Draws come from PyTorch's generator and repeat with its seed.

References:
    Krizhevsky et al. (2012), ImageNet Classification with Deep CNNs: flips, crops and colours
    He et al. (2015), Deep Residual Learning, https://arxiv.org/abs/1512.03385: cropping from a padded picture
    Simard, Steinkraus & Platt (2003), Best Practices for Convolutional Neural Networks Applied to Visual Document
    Analysis, https://doi.org/10.1109/ICDAR.2003.1227801: elastic distortions of what is written by hand
    Zhong et al. (2017), Random Erasing Data Augmentation, https://arxiv.org/abs/1708.04896
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.catalogue import unknown
from deepglass.core.errors import OptionError

SHIFT = 1 / 12  # of the side: 2 of 28 pixels; He et al. shift by 4 of 32 in a training twenty times as long
ANGLE = 12.0  # degrees: beyond, a leaning 1 looks like a 7
SMALLEST_AREA = 0.4  # of the picture that zoom keeps at least; less may miss the object
NUDGE_SHIFT, NUDGE_ZOOM, NUDGE_ANGLE = 0.06, 0.12, 8.5  # shares of the side, degrees: as well as a face is cut out
ELASTIC_SHIFT, ELASTIC_STRETCH, ELASTIC_ANGLE, ELASTIC_LEAN = 0.05, 0.15, 15.0, 0.2  # as hands differ from each other
ELASTIC_POINTS, ELASTIC_BEND = 4, 0.02  # of a side, moved by so many sides (a standard deviation): strokes stay whole
COLOUR = 0.25  # brightness, contrast and saturation change by up to a quarter
ERASED = (0.02, 0.2)  # area that is blotted out, as a share of the picture
ERASE_PROBABILITY = 0.5

Augmentation = Callable[[Tensor], Tensor]


def flip(images: Tensor) -> Tensor:
    """Mirror every second picture left to right."""
    B = len(images)
    return torch.where(torch.rand(B, 1, 1, 1, device=images.device) < 0.5, images.flip(3), images)


def crop(images: Tensor) -> Tensor:
    """Shift by up to a twelfth of the side, at least one pixel; what comes in from outside is black."""
    B, C, H, W = images.shape
    dy, dx = max(1, round(H * SHIFT)), max(1, round(W * SHIFT))
    padded = F.pad(images, (dx, dx, dy, dy))  # (B, C, H + 2dy, W + 2dx)
    top = torch.randint(2 * dy + 1, (B, 1, 1, 1), device=images.device)
    left = torch.randint(2 * dx + 1, (B, 1, 1, 1), device=images.device)
    rows = (top + torch.arange(H, device=images.device).view(H, 1)).expand(B, C, H, W + 2 * dx)
    columns = (left + torch.arange(W, device=images.device)).expand(B, C, H, W)
    return padded.gather(2, rows).gather(3, columns)


def turn(images: Tensor) -> Tensor:
    """Turn by quarters, and mirror: for pictures without above and below; of other shapes than squares by halves."""
    drawn = torch.rand(3, len(images), 1, 1, 1, device=images.device) < 0.5
    images = torch.where(drawn[0], images.flip(2), images)
    images = torch.where(drawn[1], images.flip(3), images)
    return images if images.shape[2] != images.shape[3] else torch.where(drawn[2], images.transpose(2, 3), images)


def rotate(images: Tensor) -> Tensor:
    """Turn by up to twelve degrees either way; corners that come in are black."""
    B, _, H, W = images.shape
    angle = (2 * torch.rand(B, device=images.device) - 1) * math.radians(ANGLE)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    aspect = H / W  # sampling coordinates run from -1 to 1 on both sides, whatever their length
    rows = (torch.stack([cos, -sin * aspect, zero], 1), torch.stack([sin / aspect, cos, zero], 1))
    return resample(images, torch.stack(rows, 1))


def zoom(images: Tensor) -> Tensor:
    """Show a random part of 40 to 100 % of the area, enlarged to the whole: objects come near and far."""
    B = len(images)
    area = SMALLEST_AREA + (1 - SMALLEST_AREA) * torch.rand(B, device=images.device)
    side, zero = area.sqrt(), torch.zeros_like(area)
    dx, dy = ((2 * torch.rand(B, device=images.device) - 1) * (1 - side) for _ in "xy")
    rows = (torch.stack([side, zero, dx], 1), torch.stack([zero, side, dy], 1))
    return resample(images, torch.stack(rows, 1))


def nudge(images: Tensor) -> Tensor:
    """Shift, turn and enlarge or shrink a little, all at once, as things are that were cut out by hand; what comes in
    from outside goes on with the edge."""
    B, _, H, W = images.shape
    angle, nearer, dx, dy = (2 * torch.rand(4, B, device=images.device) - 1).unbind()
    angle, side = angle * math.radians(NUDGE_ANGLE), 1 + NUDGE_ZOOM * nearer
    cos, sin, aspect = side * angle.cos(), side * angle.sin(), H / W
    shift = 2 * NUDGE_SHIFT  # the picture is 2 wide
    rows = (torch.stack([cos, -sin * aspect, shift * dx], 1), torch.stack([sin / aspect, cos, shift * dy], 1))
    return resample(images, torch.stack(rows, 1), outside="border")


def elastic(images: Tensor) -> Tensor:
    """Shift, turn, stretch, lean and bend, all at once, as one sign differs from hand to hand; what comes in from
    outside goes on with the edge. Simard et al. smooth a draw for every pixel; here a few points are drawn, and what
    lies between is interpolated."""
    B, _, H, W = images.shape
    angle, wide, high, lean, dx, dy = (2 * torch.rand(6, B, device=images.device) - 1).unbind()
    angle, lean, aspect = angle * math.radians(ELASTIC_ANGLE), lean * ELASTIC_LEAN, H / W
    wide, high, cos, sin = 1 + ELASTIC_STRETCH * wide, 1 + ELASTIC_STRETCH * high, angle.cos(), angle.sin()
    shift = 2 * ELASTIC_SHIFT  # the picture is 2 wide
    across = (cos * wide, (cos * lean - sin) * high * aspect, shift * dx)
    down = (sin * wide / aspect, (sin * lean + cos) * high, shift * dy)
    affine = torch.stack([torch.stack(across, 1), torch.stack(down, 1)], 1)  # (B, 2, 3) turn · lean · stretch
    points = 2 * ELASTIC_BEND * torch.randn(B, 2, ELASTIC_POINTS, ELASTIC_POINTS, device=images.device)
    return resample(images, affine, outside="border", bend=points)


def colour(images: Tensor) -> Tensor:
    """Change brightness, contrast and, of colour pictures, saturation by up to a quarter."""
    B, C, _, _ = images.shape
    brightness, contrast, saturation = 1 + COLOUR * (2 * torch.rand(3, B, 1, 1, 1, device=images.device) - 1)
    images = images * brightness
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * contrast
    if C == 3:
        grey = images.mean(1, keepdim=True)
        images = grey + (images - grey) * saturation
    return images.clamp(0, 255)


def erase(images: Tensor) -> Tensor:
    """Blot out a random rectangle of every second picture with its mean: no single part may decide the class."""
    B, _, H, W = images.shape
    low, high = ERASED
    area = low + (high - low) * torch.rand(B, 1, device=images.device)
    stretch = torch.exp((2 * torch.rand(B, 1, device=images.device) - 1) * math.log(2))  # half as wide to twice
    in_rows = draw_interval(H, (area * stretch).sqrt()).view(B, 1, H, 1)
    in_columns = draw_interval(W, (area / stretch).sqrt()).view(B, 1, 1, W)
    chosen = torch.rand(B, 1, 1, 1, device=images.device) < ERASE_PROBABILITY
    return torch.where(in_rows & in_columns & chosen, images.mean((2, 3), keepdim=True), images)


AUGMENTATIONS: dict[str, Augmentation] = {
    "flip": flip,
    "crop": crop,
    "turn": turn,
    "rotate": rotate,
    "zoom": zoom,
    "nudge": nudge,
    "elastic": elastic,
    "colour": colour,
    "erase": erase,
}


def parse(names: str) -> list[str]:
    """ "flip, crop" → ["flip", "crop"]; "none" and "" → [].

    Raises:
        OptionError: If a name is unknown.
    """
    chosen = [name.strip().lower() for name in names.split(",")]
    chosen = ["colour" if name == "color" else name for name in chosen if name not in ("", "none")]
    for name in chosen:
        if name not in AUGMENTATIONS:
            raise OptionError(f"--augment: {unknown('augmentation', name, [*AUGMENTATIONS, 'none'])}")
    return chosen


def augment(images: Tensor, names: list[str]) -> Tensor:
    """Apply augmentations one after the other.

    Args:
        images: Brightness from 0 to 255 as floats.
        names: Of `AUGMENTATIONS`, in the order of application.

    Shape:
        - images: (B, C, H, W)
        - output: (B, C, H, W)
    """
    for name in names:
        images = AUGMENTATIONS[name](images)
    return images


def resample(images: Tensor, affine: Tensor, outside: str = "zeros", bend: Tensor | None = None) -> Tensor:
    """Look up every pixel of the result where `affine` (B, 2, 3) sends it; black outside, or the "border" goes on.

    `bend` (B, 2, n, n) moves the places besides: by so much at n × n points, and smoothly between them.
    """
    grid = F.affine_grid(affine.to(images.dtype), list(images.shape), align_corners=False)  # (B, H, W, 2)
    if bend is not None:
        moved = F.interpolate(bend.to(images.dtype), images.shape[2:], mode="bicubic", align_corners=True)
        grid = grid + moved.permute(0, 2, 3, 1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode=outside, align_corners=False)


def draw_interval(size: int, share: Tensor) -> Tensor:
    """(B, size) mask of an interval of `share` (B, 1) of the length at a random place."""
    length = (share * size).round().clamp(1, size)  # (B, 1)
    start = ((size - length + 1) * torch.rand_like(share)).floor()
    position = torch.arange(size, device=share.device)
    return (position >= start) & (position < start + length)
