"""ESPCN: all work at the coarse size, and only the last step makes more pixels.

Shi et al. (2016), Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural
Network, https://arxiv.org/abs/1609.05158 (section 3; their r is our scale, their n1 our width)

Changed: what comes out is added to the bicubic picture by whoever asks (`tasks/super_resolution.py`), so the last
layer begins at zero and the network begins as bicubic. ReLU in place of tanh, which learns in fewer steps.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("super-resolution",)


@dataclass(frozen=True)
class Config:
    width: int = 64  # channels of the first layer, as in the paper; the second has half as many


class ESPCN(nn.Module):
    """Two convolutions look, a third says scale² numbers of every pixel, and the shuffle lays them out as pixels.

    To enlarge first and convolve then costs scale² times as much and knows nothing more.

    Args:
        in_channels: Planes of a picture; 1, its brightness.
        scale: How many times as many pixels per side.
        config: Its width.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, in_channels, H·scale, W·scale)

    Example:
        >>> ESPCN(scale=3)(torch.zeros(1, 1, 20, 30)).shape
        torch.Size([1, 1, 60, 90])
    """

    def __init__(self, in_channels: int = 1, scale: int = 2, config: Config = Config()):
        super().__init__()
        width, half = config.width, max(1, config.width // 2)
        self.scale = scale
        self.conv1 = nn.Conv2d(in_channels, width, 5, padding=2)
        self.conv2 = nn.Conv2d(width, half, 3, padding=1)
        self.conv3 = nn.Conv2d(half, in_channels * scale**2, 3, padding=1)
        for layer in (self.conv1, self.conv2):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.conv3.weight)
        nn.init.zeros_(self.conv3.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(images))  # (B, width, H, W)
        x = F.relu(self.conv2(x))  # (B, width / 2, H, W)
        return F.pixel_shuffle(self.conv3(x), self.scale)  # (B, in_channels, H·scale, W·scale)


Model = ESPCN
