"""A small residual convolutional network, the default for pictures: fast on a CPU, hard to beat for its size.

The pieces are old friends: convolution (LeCun et al., 1989), ReLU (Nair & Hinton, 2010), batch normalisation
(Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167), the residual sum (He et al., 2015,
https://arxiv.org/abs/1512.03385), strides instead of pooling (Springenberg et al., 2014,
https://arxiv.org/abs/1412.6806) and the mean over the picture instead of wide dense layers (Lin et al., 2013,
https://arxiv.org/abs/1312.4400).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
HEAD = "head"


@dataclass(frozen=True)
class Config:
    width: int = 32  # channels of the stem; every stage doubles them while it halves height and width
    num_stages: int = 2  # two leave 7×7 of 28×28, where a kernel sees half of the object
    depth: int = 1  # residual blocks a stage; one learns clothes to 92 % in two minutes on two cores
    stem_stride: int = 1  # 2 or 4 shrinks large pictures at once
    dropout: float = 0.0  # of features before the last layer; weight decay does more here


class CNN(nn.Module):
    """Stem → stages of (halve, then refine) → mean over the picture → linear.

    A stage halves height and width and doubles the channels: less where, more what. Its blocks add a correction to
    what they receive, so that the gradient has a straight way back.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), any H and W
        - output: (B, num_classes)

    Example:
        >>> CNN(num_classes=10, in_channels=1)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_classes: int, in_channels: int = 1, config: Config = Config()):
        super().__init__()
        channels = config.width
        self.stem = ConvNormAct(in_channels, channels, config.stem_stride)
        stages = []
        for _ in range(config.num_stages):
            blocks = [Residual(2 * channels) for _ in range(config.depth)]
            stages.append(nn.Sequential(ConvNormAct(channels, 2 * channels, stride=2), *blocks))
            channels = 2 * channels
        self.stages = nn.Sequential(*stages)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(channels, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)  # (B, width, H, W)
        x = self.stages(x)  # (B, width · 2ⁿ, H / 2ⁿ, W / 2ⁿ)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)  # (B, width · 2ⁿ)
        return self.head(self.dropout(x))  # (B, num_classes)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x))): the convolution needs no bias, the normalisation has one."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(x)))  # (B, out_channels, H / stride, W / stride)


class Residual(nn.Module):
    """y = x + relu(norm(conv(x)))."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = ConvNormAct(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)  # (B, channels, H, W)


Model = CNN
