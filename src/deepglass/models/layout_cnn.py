"""A small convolutional network that keeps where things are: convolve and pool, then flatten.

Snell, Swersky & Zemel (2017), Prototypical Networks, https://arxiv.org/abs/1703.05175 (section 3.1: blocks of a 3×3
convolution, batch normalisation, ReLU and 2×2 max pooling, flattened at the end; also known as Conv-4)

Changed: as many blocks as leave a small map, in place of four; channels that double, in place of 64 in each; a linear
layer at the end, so that answers have any size; large pictures are averaged down first; each picture is brought to mean
0 and variance 1 by itself, so that light and contrast count for nothing.
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
        self.shrink = shrinking(image_size, config.largest_side)
        height, width = (side // self.shrink for side in image_size)
        channels, blocks = config.width, []
        while max(height, width) > config.map_side and min(height, width) > 1:
            blocks.append(block(in_channels, channels))
            in_channels, channels = channels, 2 * channels
            height, width = height // 2, width // 2
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(in_channels * height * width, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.avg_pool2d(images, self.shrink) if self.shrink > 1 else images
        x = F.layer_norm(x, tuple(x.shape[1:]))  # of each picture, by itself
        x = self.blocks(x)  # (B, C, H / 2ⁿ, W / 2ⁿ)
        return self.head(self.dropout(x.flatten(1)))  # (B, num_classes)


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
