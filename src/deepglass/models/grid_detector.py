"""Grid detector: every cell of a fine grid says what has its middle there, and how far its four edges are.

Redmon et al. (2016), You Only Look Once, https://arxiv.org/abs/1506.02640 (one look, one answer per cell)
Zhou et al. (2019), Objects as Points, https://arxiv.org/abs/1904.07850 (a thing is its middle: no anchors)
Tian et al. (2019), FCOS, https://arxiv.org/abs/1904.01355 (a box as four distances from a place inside it)
Lin et al. (2017), Feature Pyramid Networks, https://arxiv.org/abs/1612.03144 (the way up, by addition)
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("object-detection",)
MIN_SIDE = 16  # pixels: the coarsest map has a cell for each 16
PRIOR = 0.01  # that a cell holds the middle of a thing, before anything is learnt (Lin et al. 2017, Focal Loss)


@dataclass(frozen=True)
class Config:
    width: int = 24  # channels at half size; every step down doubles them
    depth: int = 1  # residual blocks at each size; one finds blood cells in minutes on two cores


class GridDetector(nn.Module):
    """Down to a sixteenth of the size, up again to a quarter, and two heads: what is here, and how far are its edges.

    The way down learns what things look like, the way up keeps where they are. Of every cell of 4 x 4 pixels the first
    head says how likely the middle of a thing of each class lies there, the second the distances from the middle of the
    cell to the left, upper, right and lower edge of the thing, as logarithms of a number of cells.

    Args:
        num_classes: Number of classes K.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), any H and W from 16 on
        - output: (B, 4 + K, H / 4, W / 4), rounded up: log distances, then logits

    Example:
        >>> GridDetector(num_classes=3, in_channels=3)(torch.zeros(2, 3, 64, 48)).shape
        torch.Size([2, 7, 16, 12])
    """

    def __init__(self, num_classes: int, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        widths = [config.width * 2**step for step in range(4)]  # at 1/2, 1/4, 1/8, 1/16
        self.stem = ConvNormAct(in_channels, widths[0], stride=2)
        self.down = nn.ModuleList([Stage(width, 2 * width, config.depth) for width in widths[:-1]])
        self.up = nn.ModuleList([Up(widths[3], widths[2]), Up(widths[2], widths[1])])
        self.boxes = Head(widths[1], 4)
        self.classes = Head(widths[1], num_classes, bias=-math.log((1 - PRIOR) / PRIOR))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)  # (B, width, H/2, W/2)
        maps = []
        for stage in self.down:
            x = stage(x)  # (B, 2C, half as high and wide)
            maps.append(x)
        for step, finer in zip(self.up, (maps[1], maps[0])):
            x = step(x, finer)  # (B, C/2, twice as high and wide)
        return torch.cat([self.boxes(x), self.classes(x)], dim=1)  # (B, 4 + K, H/4, W/4)


class Stage(nn.Module):
    """Half as high and wide, twice the channels, then refined."""

    def __init__(self, in_channels: int, out_channels: int, depth: int):
        super().__init__()
        self.halve = ConvNormAct(in_channels, out_channels, stride=2)
        self.refine = nn.Sequential(*[Residual(out_channels) for _ in range(depth)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.refine(self.halve(x))  # (B, out_channels, H/2, W/2)


class Up(nn.Module):
    """What is known at the coarser size, enlarged and added to what is seen at the finer one."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.narrow = nn.Conv2d(in_channels, out_channels, 1)
        self.merge = ConvNormAct(out_channels, out_channels)

    def forward(self, x: torch.Tensor, finer: torch.Tensor) -> torch.Tensor:
        H, W = finer.shape[2:]
        x = F.interpolate(self.narrow(x), scale_factor=2.0, mode="nearest")[:, :, :H, :W]
        return self.merge(finer + x)  # (B, out_channels, H, W)


class Head(nn.Module):
    """A convolution to look around, and one to answer."""

    def __init__(self, in_channels: int, out_channels: int, bias: float = 0.0):
        super().__init__()
        self.look = ConvNormAct(in_channels, in_channels)
        self.answer = nn.Conv2d(in_channels, out_channels, 1)
        nn.init.normal_(self.answer.weight, std=0.01)
        nn.init.constant_(self.answer.bias, bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.answer(self.look(x))  # (B, out_channels, H, W)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x)))."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(x)))  # (B, out_channels, H / stride, W / stride), rounded up


class Residual(nn.Module):
    """y = x + relu(norm(conv(x)))."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = ConvNormAct(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)  # (B, channels, H, W)


Model = GridDetector
