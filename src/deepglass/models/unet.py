"""U-Net: a class for every pixel, from what is seen far away and what is seen close.

Ronneberger, Fischer & Brox (2015), U-Net: Convolutional Networks for Biomedical Image Segmentation,
https://arxiv.org/abs/1505.04597 (figure 1)

Changed: convolutions are padded, so that the answer has the size of the picture; the paper's shrink it by 184 pixels
and need mirrored borders. With `batch_norm`, every convolution is normalised, which the paper does not do:

Ioffe & Szegedy (2015), Batch Normalization, https://arxiv.org/abs/1502.03167
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("segmentation",)


@dataclass(frozen=True)
class Config:
    width: int = 64  # channels at full size, as in the paper; every step down doubles them
    depth: int = 4  # steps down, as in the paper: a place at the bottom sees 140 pixels per side
    batch_norm: bool = False  # after every convolution: learns in fewer steps; the paper had none


class UNet(nn.Module):
    """Down to what is in the picture, up again to where it is, with a bridge from each step down to its step up.

    The way down forgets places while it learns meanings; the bridges carry the places past it.

    Args:
        num_classes: Number of logits per pixel.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), any H and W
        - output: (B, num_classes, H, W)

    Example:
        >>> UNet(num_classes=2, config=Config(width=4))(torch.zeros(1, 1, 37, 53)).shape
        torch.Size([1, 2, 37, 53])
    """

    def __init__(self, num_classes: int = 2, in_channels: int = 1, config: Config = Config()):
        super().__init__()
        widths = [config.width * 2**step for step in range(config.depth)]  # 64, 128, 256, 512
        has_norm = config.batch_norm
        self.stem = DoubleConv(in_channels, config.width, has_norm)
        self.down = nn.ModuleList([DoubleConv(width, 2 * width, has_norm) for width in widths])
        self.up = nn.ModuleList([Up(2 * width, width, has_norm) for width in reversed(widths)])
        self.head = nn.Conv2d(config.width, num_classes, 1)
        self.apply(initialize)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)  # (B, width, H, W)
        bridges = []
        for step in self.down:
            bridges.append(x)
            x = step(F.max_pool2d(x, 2, ceil_mode=True))  # (B, 2C, H/2, W/2), rounded up
        for step in self.up:
            x = step(x, bridges.pop())  # (B, C/2, 2H, 2W), less what was rounded up
        return self.head(x)  # (B, num_classes, H, W)


class Up(nn.Module):
    """Twice as large, beside what came over the bridge, and merged."""

    def __init__(self, in_channels: int, out_channels: int, has_norm: bool = False):
        super().__init__()
        self.enlarge = nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)
        self.merge = DoubleConv(2 * out_channels, out_channels, has_norm)

    def forward(self, x: torch.Tensor, bridge: torch.Tensor) -> torch.Tensor:
        H, W = bridge.shape[2:]
        x = self.enlarge(x)[:, :, :H, :W]  # (B, out_channels, H, W)
        return self.merge(torch.cat([bridge, x], dim=1))  # (B, out_channels, H, W)


class DoubleConv(nn.Module):
    """Two 3×3 convolutions with ReLU, each normalised where that is asked for."""

    def __init__(self, in_channels: int, out_channels: int, has_norm: bool = False):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=not has_norm)
        self.norm1 = nn.BatchNorm2d(out_channels) if has_norm else nn.Identity()
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=not has_norm)
        self.norm2 = nn.BatchNorm2d(out_channels) if has_norm else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.norm1(self.conv1(x)))  # (B, out_channels, H, W)
        return F.relu(self.norm2(self.conv2(x)))  # (B, out_channels, H, W)


def initialize(module: nn.Module) -> None:
    """He initialisation, as the paper asks for: every map keeps about the same size."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


Model = UNet
