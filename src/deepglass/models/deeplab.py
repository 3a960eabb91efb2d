"""DeepLab: a class for every pixel, from filters with holes that look far without making the map small.

Chen et al. (2017), Rethinking Atrous Convolution, https://arxiv.org/abs/1706.05587 (rates, the pyramid of figure 5)
Chen et al. (2018), Encoder-Decoder with Atrous Separable Convolution, https://arxiv.org/abs/1802.02611 (the way up)

Changed: a small residual network of our own stands for their ResNet-101, at a quarter of the size instead of an eighth;
and there is no mean of the whole picture among the branches, for in a picture that is cut into tiles every tile would
have another one.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("segmentation",)
MIN_SIDE = 8  # pixels: two at the coarsest map
RATES = (1, 3, 6, 12)  # of the pyramid: at a quarter of the size the farthest looks 48 pixels to each side


@dataclass(frozen=True)
class Config:
    width: int = 32  # channels at half size; at a quarter there are twice and four times as many
    depth: int = 2  # residual blocks of each rate; two learn em membranes in minutes on two cores


class DeepLab(nn.Module):
    """Down to a quarter of the size, then ever farther with holes, four distances beside each other, and up again.

    A 3×3 filter whose weights lie `rate` pixels apart sees as far as a much larger one, and the map keeps its size: no
    place is forgotten, so none has to be carried past. The way up adds what was seen at half size, for sharp edges.

    Args:
        num_classes: Number of logits per pixel.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), any H and W from 8 on
        - output: (B, num_classes, H, W)

    Example:
        >>> DeepLab(num_classes=2, config=Config(width=4))(torch.zeros(1, 3, 37, 53)).shape
        torch.Size([1, 2, 37, 53])
    """

    def __init__(self, num_classes: int = 21, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        W = config.width
        self.stem = nn.Sequential(ConvNormAct(in_channels, W, stride=2), ConvNormAct(W, W))  # 1/2
        self.halve = ConvNormAct(W, 2 * W, stride=2)  # 1/4
        self.near = nn.Sequential(*[Residual(2 * W, rate=1) for _ in range(config.depth)])
        self.far = nn.Sequential(*[Residual(2 * W, rate=rate) for rate in (2, 4) for _ in range(config.depth)])
        self.pyramid = Pyramid(2 * W, 2 * W)
        self.skip = nn.Conv2d(W, W, 1)
        self.merge = ConvNormAct(3 * W, 2 * W)
        self.head = nn.Conv2d(2 * W, num_classes, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        H, W = images.shape[2:]
        fine = self.stem(images)  # (B, width, H/2, W/2), rounded up
        x = self.pyramid(self.far(self.near(self.halve(fine))))  # (B, 2·width, H/4, W/4)
        x = torch.cat([enlarged(x, fine.shape[2], fine.shape[3]), self.skip(fine)], dim=1)  # (B, 3·width, H/2, W/2)
        return enlarged(self.head(self.merge(x)), H, W)  # (B, num_classes, H, W)


class Pyramid(nn.Module):
    """Atrous spatial pyramid pooling: the same map seen at four distances, joined by a 1×1 convolution."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        each = out_channels // 2
        self.branches = nn.ModuleList([ConvNormAct(in_channels, each, rate=rate) for rate in RATES])
        self.join = nn.Conv2d(each * len(RATES), out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = torch.cat([branch(x) for branch in self.branches], dim=1)  # (B, 4·each, H, W)
        return F.relu(self.norm(self.join(seen)))  # (B, out_channels, H, W)


class Residual(nn.Module):
    """y = relu(x + norm(conv(relu(norm(conv(x)))))), both convolutions with holes of the same rate."""

    def __init__(self, channels: int, rate: int):
        super().__init__()
        self.first = ConvNormAct(channels, channels, rate=rate)
        self.conv = nn.Conv2d(channels, channels, 3, padding=rate, dilation=rate, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.norm(self.conv(self.first(x))))  # (B, channels, H, W)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x))), the nine weights of the filter `rate` pixels apart."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, rate: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=rate, dilation=rate, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(x)))  # (B, out_channels, H / stride, W / stride), rounded up


def enlarged(x: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Twice as large, bilinearly, less what was rounded up on the way down."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)[:, :, :height, :width]


Model = DeepLab
