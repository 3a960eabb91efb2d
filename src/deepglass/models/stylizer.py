"""The image transformation network of fast style transfer: one picture in, the same picture painted out, in one pass.

Johnson, Alahi & Fei-Fei (2016), Perceptual Losses for Real-Time Style Transfer and Super-Resolution,
https://arxiv.org/abs/1603.08155 (table 1 of the supplement; their 32 channels are our width)
Ulyanov, Vedaldi & Lempitsky (2016), Instance Normalization: The Missing Ingredient for Fast Stylization,
https://arxiv.org/abs/1607.08022 (in the place of batch normalisation)
Odena, Dumoulin & Olah (2016), Deconvolution and Checkerboard Artifacts, https://distill.pub/2016/deconv-checkerboard
(enlarging, then a convolution, in the place of transposed ones)

Changed: it says what is added to the picture, and begins at nothing, so training begins with the picture itself. A ReLU
follows the last block: the next normalisation would take every shift of a block away again. The default is a small one
for two processor cores; `stylizer-johnson` has the paper's blocks and width.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("style-transfer",)
VARIANTS = {"stylizer": {}, "stylizer-johnson": {"width": 32, "num_blocks": 5}}
GAIN = 0.1  # of what is added: a first step of Adam moves all 81 weights of a pixel at once, and would whiten it
MIN_SIDE = 8  # pixels: a quarter of it is mirrored by one


@dataclass(frozen=True)
class Config:
    width: int = 12  # channels at full size; 32 cost six times as much, and ten pictures a second are wanted
    num_blocks: int = 3  # residual blocks at a quarter of the size; each sees eight pixels farther to every side


class Stylizer(nn.Module):
    """Two strided convolutions, residual blocks where a step is four pixels wide, and the way back.

    Instance normalisation takes from each map of each picture how strong it is, so that a pale photograph is painted as
    strongly as a rich one.

    Args:
        in_channels: Colours of a picture.
        config: Its size.

    Shape:
        - input: (B, in_channels, H, W), H and W at least 8
        - output: (B, in_channels, H, W)

    Example:
        >>> Stylizer()(torch.zeros(1, 3, 30, 41)).shape
        torch.Size([1, 3, 30, 41])
    """

    def __init__(self, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        width = config.width
        self.stem = ConvNorm(in_channels, width, 9)
        self.down1 = ConvNorm(width, 2 * width, 3, stride=2)
        self.down2 = ConvNorm(2 * width, 4 * width, 3, stride=2)
        self.blocks = nn.ModuleList([Block(4 * width) for _ in range(config.num_blocks)])
        self.up1 = ConvNorm(4 * width, 2 * width, 3)
        self.up2 = ConvNorm(2 * width, width, 3)
        self.tail = nn.Conv2d(width, in_channels, 9)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.stem(images))  # (B, width, H, W)
        middle = F.relu(self.down1(x))  # (B, 2·width, H/2, W/2)
        x = F.relu(self.down2(middle))  # (B, 4·width, H/4, W/4)
        for block in self.blocks:
            x = block(x)  # (B, 4·width, H/4, W/4)
        x = F.relu(self.up1(enlarged(F.relu(x), middle)))  # (B, 2·width, H/2, W/2)
        x = F.relu(self.up2(enlarged(x, images)))  # (B, width, H, W)
        return images + GAIN * self.tail(mirrored(x, 4))  # (B, in_channels, H, W)


class Block(nn.Module):
    """Two convolutions with a bend between them, added to what came in."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = ConvNorm(width, width, 3)
        self.conv2 = ConvNorm(width, width, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(F.relu(self.conv1(x)))  # (B, width, H, W)


class ConvNorm(nn.Module):
    """norm(conv(x)), mirrored beyond the edges: zeros there would be painted as a frame."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1):
        super().__init__()
        self.padding = kernel_size // 2
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, bias=False)
        self.norm = nn.InstanceNorm2d(out_channels, affine=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(mirrored(x, self.padding)))  # (B, out_channels, H/stride, W/stride), rounded up


def mirrored(x: torch.Tensor, width: int) -> torch.Tensor:
    """With a frame of its own pixels, reflected."""
    return F.pad(x, (width, width, width, width), mode="reflect")  # (B, C, H + 2·width, W + 2·width)


def enlarged(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Every pixel four times, cut to the size of another map."""
    H, W = like.shape[2:]
    return F.interpolate(x, scale_factor=2.0, mode="nearest")[:, :, :H, :W]  # (B, C, H, W)


Model = Stylizer
