"""EDSR: residual blocks without normalisation, for pictures that get more pixels.

Lim et al. (2017), Enhanced Deep Residual Networks for Single Image Super-Resolution,
https://arxiv.org/abs/1707.02921 (figure 2c, section 3.2; their B is our num_blocks, their F our width)

Changed: it sees and says brightness alone, what comes out is added to the bicubic picture by whoever asks
(`tasks/super_resolution.py`), and one convolution says all scale² numbers of a pixel at once. The default is a small
one for two processor cores; `edsr-baseline` has the paper's blocks and width.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("super-resolution",)
VARIANTS = {"edsr": {}, "edsr-baseline": {"width": 64, "num_blocks": 16}}


@dataclass(frozen=True)
class Config:
    width: int = 24  # channels throughout; 24 see more than ESPCN's first layer for less arithmetic than 64
    num_blocks: int = 3  # residual blocks; each sees two pixels farther to every side


class EDSR(nn.Module):
    """Blocks that correct, y = x + f(x), and the shuffle at the end.

    Batch normalisation takes from a picture how bright and rich in contrast it is, and that is what must come out.

    Args:
        in_channels: Planes of a picture; 1, its brightness.
        scale: How many times as many pixels per side.
        config: Its size.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, in_channels, H·scale, W·scale)

    Example:
        >>> EDSR(scale=2)(torch.zeros(1, 1, 20, 30)).shape
        torch.Size([1, 1, 40, 60])
    """

    def __init__(self, in_channels: int = 1, scale: int = 2, config: Config = Config()):
        super().__init__()
        width = config.width
        self.scale = scale
        self.head = nn.Conv2d(in_channels, width, 3, padding=1)
        self.body = nn.ModuleList([Block(width) for _ in range(config.num_blocks)])
        self.tail = nn.Conv2d(width, in_channels * scale**2, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        first = x = self.head(images)  # (B, width, H, W)
        for block in self.body:
            x = block(x)  # (B, width, H, W)
        return F.pixel_shuffle(self.tail(x + first), self.scale)  # (B, in_channels, H·scale, W·scale)


class Block(nn.Module):
    """Two convolutions with a bend between them, added to what came in."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(F.relu(self.conv1(x)))  # (B, width, H, W)


Model = EDSR
