"""Video CNN: a residual convolutional network whose filters reach over time as well as over the picture.

One frame shows what is there and not where it is going. A filter of 3 x 3 x 3 sees three frames at once, so that a
movement is a pattern like any other (Tran et al., 2015, https://arxiv.org/abs/1412.0767). Taking the filter apart,
first over the picture and then over time, learns more easily from as many weights: (2+1)-D (Tran et al., 2018, A Closer
Look at Spatiotemporal Convolutions for Action Recognition, https://arxiv.org/abs/1711.11248; their R2D, R3D and R(2+1)D
are our frame-cnn, video-cnn and video-cnn-2plus1d, and their M our `between`). The frame-cnn has no filter over time
and takes the mean of what it saw: the order of the frames is lost, and with it the direction of every movement.
"""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("video-classification",)
HEAD = "head"
VARIANTS = {"video-cnn": {}, "video-cnn-2plus1d": {"kernel": "2+1d"}, "frame-cnn": {"kernel": "2d"}}


@dataclass(frozen=True)
class Config:
    kernel: Literal["3d", "2+1d", "2d"] = "3d"  # over picture and time at once, one after the other, or no time
    width: int = 8  # channels of the stem; every stage doubles them while it halves height, width and length
    num_stages: int = 2  # two leave 7x7 of 28x28, and two steps of eight frames
    stem_stride: int = 1  # of height and width; 2 is a quarter of the work, and misses movements of a pixel
    depth: int = 1  # residual blocks per stage
    dropout: float = 0.0  # of features before the last layer


class VideoCNN(nn.Module):
    """Stem → stages of (halve, then refine) → mean over picture and time → linear.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey frames, 3 for colour.
        config: Settings.

    Shape:
        - input: (B, T, in_channels, H, W), any T, H and W
        - output: (B, num_classes)

    Example:
        >>> VideoCNN(num_classes=4)(torch.zeros(2, 8, 3, 28, 28)).shape
        torch.Size([2, 4])
    """

    def __init__(self, num_classes: int, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        channels, kind = config.width, config.kernel
        self.stem = ConvNormAct(in_channels, channels, kind, stride=1, shrink=config.stem_stride)
        stages = []
        for _ in range(config.num_stages):
            blocks = [Residual(2 * channels, kind) for _ in range(config.depth)]
            stages.append(nn.Sequential(ConvNormAct(channels, 2 * channels, kind, stride=2), *blocks))
            channels = 2 * channels
        self.stages = nn.Sequential(*stages)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(channels, num_classes)

    def forward(self, clips: Tensor) -> Tensor:
        x = self.stem(clips.transpose(1, 2))  # (B, width, T, H, W)
        x = self.stages(x)  # (B, width · 2ⁿ, T / 2ⁿ, H / 2ⁿ, W / 2ⁿ)
        x = x.mean(dim=(2, 3, 4))  # (B, width · 2ⁿ)
        return self.head(self.dropout(x))  # (B, num_classes)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x))), the convolution in one of three kinds.

    Shape:
        - x: (B, in_channels, T, H, W)
        - output: (B, out_channels, T', H', W'), each 1/stride as long; of kind "2d" T' is T
    """

    def __init__(self, in_channels: int, out_channels: int, kind: str, stride: int, shrink: int | None = None):
        super().__init__()
        shrink = shrink or stride  # of height and width
        if kind == "3d":
            self.conv = nn.Conv3d(in_channels, out_channels, 3, (stride, shrink, shrink), padding=1, bias=False)
        elif kind == "2d":
            self.conv = over_picture(in_channels, out_channels, shrink)
        else:
            between = as_many_weights(in_channels, out_channels)
            self.conv = nn.Sequential(
                over_picture(in_channels, between, shrink),
                nn.BatchNorm3d(between),
                nn.ReLU(),
                nn.Conv3d(between, out_channels, (3, 1, 1), (stride, 1, 1), padding=(1, 0, 0), bias=False),
            )
        self.norm = nn.BatchNorm3d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


def over_picture(in_channels: int, out_channels: int, stride: int) -> nn.Conv3d:
    """A convolution of 3 x 3 pixels in every frame by itself."""
    return nn.Conv3d(in_channels, out_channels, (1, 3, 3), (1, stride, stride), padding=(0, 1, 1), bias=False)


def as_many_weights(in_channels: int, out_channels: int) -> int:
    """Channels between the two halves of a filter, so that both have about the weights of one of 3 x 3 x 3."""
    return 27 * in_channels * out_channels // (9 * in_channels + 3 * out_channels)


class Residual(nn.Module):
    """y = x + relu(norm(conv(x)))."""

    def __init__(self, channels: int, kind: str):
        super().__init__()
        self.body = ConvNormAct(channels, channels, kind, stride=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)  # (B, channels, T, H, W)


Model = VideoCNN
