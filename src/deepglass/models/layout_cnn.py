"""A small convolutional network that keeps where things are: convolve and pool, then flatten.

Snell, Swersky & Zemel (2017), Prototypical Networks, https://arxiv.org/abs/1703.05175 (section 3.1: blocks of a 3×3
convolution, batch normalisation, ReLU and 2×2 max pooling, flattened at the end; also known as Conv-4)

Changed: as many blocks as leave a small map, in place of four; channels that double, in place of 64 in each; a linear
layer at the end, so that answers have any size; large pictures are averaged down first; each picture is brought to mean
0 and variance 1 by itself, so that light and contrast count for nothing. With `linear_dim` a part of an embedding is
linear in the picture, beside the deep one, as in Cheng et al. (2016), Wide & Deep Learning for Recommender Systems,
https://arxiv.org/abs/1606.07792; Fisherfaces fill it (`rivals/fisher.py`). With `both_sides` it answers with the mean
of what it says of a picture and of its mirror image, as Deng et al. (2019), ArcFace, https://arxiv.org/abs/1801.07698.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
HEAD = "head"


@dataclass(frozen=True)
class Config:
    width: int = 16  # channels of the first block; each block doubles them while it halves height and width
    map_side: int = 5  # blocks follow until the map is at most so many pixels high: eyes and mouth stay apart
    largest_side: int = 64  # pixels; larger pictures are averaged down first, for layout shows in small ones too
    dropout: float = 0.0  # of features before the last layer
    linear_dim: int = 0  # numbers of an embedding that are linear in the picture, set once the network has learnt
    both_sides: bool = False  # answer with the mean over the picture and its mirror image, for twice the time


class LayoutCNN(nn.Module):
    """Blocks of (3×3 convolution, normalisation, ReLU, 2×2 maximum) → flatten → linear.

    The mean over the picture asks *whether* there is an eye, the flattened map also *where*: right for things that are
    shown in one pose, as faces are, wrong for those that may be anywhere.

    Args:
        num_classes: Number of logits, or of numbers in an embedding.
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height and width; the last layer depends on them.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, num_classes)

    Example:
        >>> LayoutCNN(num_classes=64, image_size=(40, 40))(torch.zeros(2, 1, 40, 40)).shape
        torch.Size([2, 64])
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int = 1,
        image_size: tuple[int, int] = (28, 28),
        config: Config = Config(),
    ):
        super().__init__()
        self.both_sides = config.both_sides
        self.shrink = shrinking(image_size, config.largest_side)
        height, width = (side // self.shrink for side in image_size)
        pixels = in_channels * height * width
        channels, blocks = config.width, []
        while max(height, width) > config.map_side and min(height, width) > 1:
            blocks.append(block(in_channels, channels))
            in_channels, channels = channels, 2 * channels
            height, width = height // 2, width // 2
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(in_channels * height * width, num_classes - config.linear_dim)
        self.linear = LinearPart(pixels, config.linear_dim) if config.linear_dim else None

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.both_sides and not self.training:
            return (self.answer(images) + self.answer(images.flip(3))) / 2
        return self.answer(images)

    def answer(self, images: torch.Tensor) -> torch.Tensor:
        """(B, num_classes) of the pictures as they are."""
        seen = self.standardised(images)
        said = self.head(self.dropout(self.blocks(seen).flatten(1)))
        if self.linear is None:
            return said  # (B, num_classes)
        return torch.cat([F.normalize(said, dim=1), self.linear(seen.flatten(1))], dim=1)

    def standardised(self, images: torch.Tensor) -> torch.Tensor:
        """(B, C, h, w): averaged down, and each picture of mean 0 and variance 1 by itself."""
        x = F.avg_pool2d(images, self.shrink) if self.shrink > 1 else images
        return F.layer_norm(x, tuple(x.shape[1:]))


class LinearPart(nn.Module):
    """Directions in the space of all pixels, and codes of length 1 along them, like those of the deep part.

    It is no parameter that learns. Silent while the network learns, for it tells those of the training apart by heart,
    and would leave nothing to learn.

    Args:
        pixels: Numbers of a picture.
        linear_dim: Numbers of a code.

    Shape:
        - input: (B, pixels)
        - output: (B, linear_dim)
    """

    def __init__(self, pixels: int, linear_dim: int):
        super().__init__()
        self.register_buffer("origin", torch.zeros(pixels))
        self.register_buffer("weights", torch.zeros(linear_dim, pixels))

    def clear(self) -> None:
        """Be silent again."""
        self.weights.zero_()

    def forward(self, flat: torch.Tensor) -> torch.Tensor:
        codes = (flat - self.origin) @ self.weights.T
        return torch.zeros_like(codes) if self.training else F.normalize(codes, dim=1)


def block(in_channels: int, out_channels: int) -> nn.Sequential:
    """The convolution needs no bias, the normalisation has one."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


def shrinking(image_size: tuple[int, int], largest_side: int) -> int:
    """The least whole number by which the longer side is divided to fit, at most the shorter side."""
    return min(min(image_size), -(-max(image_size) // largest_side))


Model = LayoutCNN
