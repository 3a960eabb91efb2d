"""ResNet: deep networks that learn corrections, y = x + f(x).

He, Zhang, Ren & Sun (2015), Deep Residual Learning for Image Recognition, https://arxiv.org/abs/1512.03385
The names in the state dict and the place of the stride (in the 3×3 of a bottleneck, "v1.5") are torchvision's, so
published weights fit.
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
VARIANTS = {
    "resnet18": {"depth": 18},
    "resnet34": {"depth": 34},
    "resnet50": {"depth": 50},
    "resnet101": {"depth": 101},
    "resnet152": {"depth": 152},
}
PUBLISHED = {
    "resnet18": "hub:timm/resnet18.tv_in1k",
    "resnet34": "hub:timm/resnet34.tv_in1k",
    "resnet50": "hub:timm/resnet50.tv_in1k",
    "resnet101": "hub:timm/resnet101.tv_in1k",
    "resnet152": "hub:timm/resnet152.tv_in1k",
}
INPUT = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "size": 224}  # of the published weights
HEAD = "fc"
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}  # table 1
SMALL_IMAGE = 64  # up to this height and width the large stem, which divides by 4, would leave too little


@dataclass(frozen=True)
class Config:
    depth: Literal[18, 34, 50, 101, 152] = 18  # layers with weights; 18 is the least that has the idea
    stem: Literal["auto", "small", "large"] = "auto"  # small: 3×3 for pictures up to 64 px; large: 7×7 and pooling


class ResNet(nn.Module):
    """Residual network: a stem, four stages of residual blocks, the mean over the picture, one linear layer.

    A plain network of fifty layers trains worse than one of twenty, though it could copy the shorter one. A block
    that adds to its input starts near the identity, and the gradient reaches every block through the sums.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height and width in pixels; only chooses the stem when that is "auto".

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, num_classes)

    Example:
        >>> ResNet(num_classes=10, image_size=(32, 32))(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        image_size: tuple[int, int] = (224, 224),
        config: Config = Config(),
    ):
        super().__init__()
        self.has_small_stem = config.stem == "small" or (config.stem == "auto" and max(image_size) <= SMALL_IMAGE)
        block = BasicBlock if config.depth < 50 else Bottleneck
        blocks = BLOCKS[config.depth]
        kernel, stride = (3, 1) if self.has_small_stem else (7, 2)
        self.conv1 = nn.Conv2d(in_channels, 64, kernel, stride, padding=kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = stage(block, 64, 64, blocks[0], stride=1)
        self.layer2 = stage(block, 64 * block.expansion, 128, blocks[1], stride=2)
        self.layer3 = stage(block, 128 * block.expansion, 256, blocks[2], stride=2)
        self.layer4 = stage(block, 256 * block.expansion, 512, blocks[3], stride=2)
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        self.apply(initialize)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn1(self.conv1(images)))  # (B, 64, H, W) small, (B, 64, H/2, W/2) large
        if not self.has_small_stem:
            x = self.maxpool(x)  # (B, 64, H/4, W/4)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)  # (B, 512 · expansion, H/8, W/8) small, (…, H/32, W/32) large
        return self.fc(x.mean((2, 3)))  # (B, num_classes)


class BasicBlock(nn.Module):
    """y = relu(x + f(x)) with f two 3×3 convolutions (figure 5, left)."""

    expansion = 1

    def __init__(self, in_channels: int, channels: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = shortcut(in_channels, channels, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """y = relu(x + f(x)) with f a 1×1 that narrows, a 3×3, and a 1×1 that widens fourfold (figure 5, right)."""

    expansion = 4

    def __init__(self, in_channels: int, channels: int, stride: int):
        super().__init__()
        wide = channels * self.expansion
        self.conv1 = nn.Conv2d(in_channels, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, wide, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(wide)
        self.downsample = shortcut(in_channels, wide, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def stage(block: type, in_channels: int, channels: int, count: int, stride: int) -> nn.Sequential:
    """`count` blocks of one width; the first one changes resolution and width."""
    first = block(in_channels, channels, stride)
    rest = [block(channels * block.expansion, channels, 1) for _ in range(count - 1)]
    return nn.Sequential(first, *rest)


def shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """The path of x: nothing where shapes agree, else a strided 1×1 convolution (option B of the paper)."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
        nn.BatchNorm2d(out_channels),
    )


def initialize(module: nn.Module) -> None:
    """He initialisation by fan-out, which keeps the size of gradients through the ReLUs."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


Model = ResNet
