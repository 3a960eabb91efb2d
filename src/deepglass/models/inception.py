"""Inception v3: large kernels taken apart into small and flat ones.

Szegedy, Vanhoucke, Ioffe, Shlens & Wojna (2015), Rethinking the Inception Architecture for Computer Vision,
https://arxiv.org/abs/1512.00567

The names in the state dict are torchvision's, which took them from TensorFlow, so published weights fit: "Mixed_6b" is
the second block of the sixth stage, "branch7x7dbl_2" the second convolution of the branch that sees 7×7 twice.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
VARIANTS = {"inception-v3": {}}
PUBLISHED = {"inception-v3": "hub:timm/inception_v3.tv_in1k"}
INPUT = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "size": 299}  # of the published weights: -1 to 1
HEAD = "fc"
MIN_SIDE = 75  # pixels; of 74, the last reduction would get two where it looks at three


@dataclass(frozen=True)
class Config:
    dropout: float = 0.5  # of features before the last layer, as the published weights were trained
    aux: bool = False  # one more head for `all_logits`; only regularises, and `deepglass train` leaves it


class Inception(nn.Module):
    """A stem, eleven blocks in three sizes of picture, the mean over the picture, one linear layer.

    A 5×5 convolution becomes two of 3×3, a 7×7 becomes 1×7 and 7×1: the same view for fewer weights, and more ReLUs.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), H and W at least 75; 299 as published
        - output: (B, num_classes)

    Example:
        >>> Inception(num_classes=10)(torch.zeros(2, 3, 75, 75)).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 1000, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        self.Conv2d_1a_3x3 = ConvNormAct(in_channels, 32, 3, stride=2, padding=0)
        self.Conv2d_2a_3x3 = ConvNormAct(32, 32, 3, padding=0)
        self.Conv2d_2b_3x3 = ConvNormAct(32, 64, 3)
        self.Conv2d_3b_1x1 = ConvNormAct(64, 80)
        self.Conv2d_4a_3x3 = ConvNormAct(80, 192, 3, padding=0)
        self.Mixed_5b = SmallKernels(192, pooled=32)
        self.Mixed_5c = SmallKernels(256, pooled=64)
        self.Mixed_5d = SmallKernels(288, pooled=64)
        self.Mixed_6a = FirstReduction(288)
        self.Mixed_6b = FlatKernels(768, narrow=128)
        self.Mixed_6c = FlatKernels(768, narrow=160)
        self.Mixed_6d = FlatKernels(768, narrow=160)
        self.Mixed_6e = FlatKernels(768, narrow=192)
        self.AuxLogits = AuxiliaryHead(768, num_classes) if config.aux else None
        self.Mixed_7a = SecondReduction(768)
        self.Mixed_7b = WideKernels(1280)
        self.Mixed_7c = WideKernels(2048)
        self.dropout = nn.Dropout(config.dropout)
        self.fc = nn.Linear(2048, num_classes)
        self.apply(initialize)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.late(self.early(images))  # (B, num_classes)

    def all_logits(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of the main head and of the auxiliary one, which the paper found to act as a regulariser.

        While training, the published weights' loss is loss(main) + 0.4 · loss(auxiliary).

        Raises:
            ValueError: If the network has no auxiliary head.
        """
        if self.AuxLogits is None:
            raise ValueError("this Inception has no auxiliary head: build it with aux=True")
        early = self.early(images)
        return self.late(early), self.AuxLogits(early)

    def early(self, images: torch.Tensor) -> torch.Tensor:
        """The stem and the first two stages; sizes of pictures of 299×299."""
        x = self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(images))  # (B, 32, 147, 147)
        x = F.max_pool2d(self.Conv2d_2b_3x3(x), 3, stride=2)  # (B, 64, 73, 73)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))  # (B, 192, 71, 71)
        x = F.max_pool2d(x, 3, stride=2)  # (B, 192, 35, 35)
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x)))  # (B, 288, 35, 35)
        x = self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))  # (B, 768, 17, 17)
        return self.Mixed_6e(self.Mixed_6d(x))  # (B, 768, 17, 17)

    def late(self, x: torch.Tensor) -> torch.Tensor:
        """The last stage and the head."""
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))  # (B, 2048, 8, 8)
        return self.fc(self.dropout(x.mean((2, 3))))  # (B, num_classes)


class SmallKernels(nn.Module):
    """1×1, 5×5, two 3×3 and pooled, side by side (figure 5); (B, C, H, W) → (B, 224 + pooled, H, W)."""

    def __init__(self, in_channels: int, pooled: int):
        super().__init__()
        self.branch1x1 = ConvNormAct(in_channels, 64)
        self.branch5x5_1 = ConvNormAct(in_channels, 48)
        self.branch5x5_2 = ConvNormAct(48, 64, 5)
        self.branch3x3dbl_1 = ConvNormAct(in_channels, 64)
        self.branch3x3dbl_2 = ConvNormAct(64, 96, 3)
        self.branch3x3dbl_3 = ConvNormAct(96, 96, 3)
        self.branch_pool = ConvNormAct(in_channels, pooled)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        single = self.branch1x1(x)
        large = self.branch5x5_2(self.branch5x5_1(x))
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        pooled = self.branch_pool(smooth(x))
        return torch.cat([single, large, double, pooled], dim=1)


class FirstReduction(nn.Module):
    """Half the size by strides and pooling side by side (figure 10); (B, C, H, W) → (B, 480 + C, H/2, W/2)."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.branch3x3 = ConvNormAct(in_channels, 384, 3, stride=2, padding=0)
        self.branch3x3dbl_1 = ConvNormAct(in_channels, 64)
        self.branch3x3dbl_2 = ConvNormAct(64, 96, 3)
        self.branch3x3dbl_3 = ConvNormAct(96, 96, 3, stride=2, padding=0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), double, F.max_pool2d(x, 3, stride=2)], dim=1)


class FlatKernels(nn.Module):
    """1×1, 7×7 once, 7×7 twice and pooled, each 7×7 as 1×7 and 7×1 (figure 6); (B, C, H, W) → (B, 768, H, W).

    Args:
        in_channels: Channels C of the input.
        narrow: Channels to which a 1×1 convolution narrows before the flat kernels.
    """

    def __init__(self, in_channels: int, narrow: int):
        super().__init__()
        self.branch1x1 = ConvNormAct(in_channels, 192)
        self.branch7x7_1 = ConvNormAct(in_channels, narrow)
        self.branch7x7_2 = ConvNormAct(narrow, narrow, (1, 7))
        self.branch7x7_3 = ConvNormAct(narrow, 192, (7, 1))
        self.branch7x7dbl_1 = ConvNormAct(in_channels, narrow)
        self.branch7x7dbl_2 = ConvNormAct(narrow, narrow, (7, 1))
        self.branch7x7dbl_3 = ConvNormAct(narrow, narrow, (1, 7))
        self.branch7x7dbl_4 = ConvNormAct(narrow, narrow, (7, 1))
        self.branch7x7dbl_5 = ConvNormAct(narrow, 192, (1, 7))
        self.branch_pool = ConvNormAct(in_channels, 192)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        single = self.branch1x1(x)
        once = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        twice = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        twice = self.branch7x7dbl_5(self.branch7x7dbl_4(twice))
        pooled = self.branch_pool(smooth(x))
        return torch.cat([single, once, twice, pooled], dim=1)


class SecondReduction(nn.Module):
    """Half the size again, one branch after a 7×7; (B, C, H, W) → (B, 512 + C, H/2, W/2)."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.branch3x3_1 = ConvNormAct(in_channels, 192)
        self.branch3x3_2 = ConvNormAct(192, 320, 3, stride=2, padding=0)
        self.branch7x7x3_1 = ConvNormAct(in_channels, 192)
        self.branch7x7x3_2 = ConvNormAct(192, 192, (1, 7))
        self.branch7x7x3_3 = ConvNormAct(192, 192, (7, 1))
        self.branch7x7x3_4 = ConvNormAct(192, 192, 3, stride=2, padding=0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        small = self.branch3x3_2(self.branch3x3_1(x))
        large = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))
        return torch.cat([small, self.branch7x7x3_4(large), F.max_pool2d(x, 3, stride=2)], dim=1)


class WideKernels(nn.Module):
    """3×3 as 1×3 beside 3×1: many channels where few places are left (figure 7); (B, C, H, W) → (B, 2048, H, W)."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.branch1x1 = ConvNormAct(in_channels, 320)
        self.branch3x3_1 = ConvNormAct(in_channels, 384)
        self.branch3x3_2a = ConvNormAct(384, 384, (1, 3))
        self.branch3x3_2b = ConvNormAct(384, 384, (3, 1))
        self.branch3x3dbl_1 = ConvNormAct(in_channels, 448)
        self.branch3x3dbl_2 = ConvNormAct(448, 384, 3)
        self.branch3x3dbl_3a = ConvNormAct(384, 384, (1, 3))
        self.branch3x3dbl_3b = ConvNormAct(384, 384, (3, 1))
        self.branch_pool = ConvNormAct(in_channels, 192)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        single = self.branch1x1(x)
        once = self.branch3x3_1(x)
        once = [self.branch3x3_2a(once), self.branch3x3_2b(once)]
        twice = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        twice = [self.branch3x3dbl_3a(twice), self.branch3x3dbl_3b(twice)]
        pooled = self.branch_pool(smooth(x))
        return torch.cat([single, *once, *twice, pooled], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier on the features of the second stage; only for `all_logits`.

    Changed: means over 5×5 bins of any map, where the published training took windows of 5 in steps of 3, which need
    pictures of 299 pixels.
    """

    def __init__(self, in_channels: int, num_classes: int):
        super().__init__()
        self.conv0 = ConvNormAct(in_channels, 128)
        self.conv1 = ConvNormAct(128, 768, 5, padding=0)
        self.fc = nn.Linear(768, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv0(F.adaptive_avg_pool2d(x, 5))  # (B, 128, 5, 5)
        return self.fc(self.conv1(x).flatten(1))  # (B, num_classes)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x))); height and width stay if neither stride nor padding is given."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int] = 1,
        stride: int = 1,
        padding: int | str = "same",
    ):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn(self.conv(x)))


def smooth(x: torch.Tensor) -> torch.Tensor:
    """The mean of each place and its neighbours; height and width stay."""
    return F.avg_pool2d(x, 3, stride=1, padding=1)


def initialize(module: nn.Module) -> None:
    """He initialisation by fan-out, which keeps the size of gradients through the ReLUs."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def from_published(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Published weights without the auxiliary heads, which `deepglass train` leaves out."""
    return {name: tensor for name, tensor in weights.items() if not name.startswith("AuxLogits.")}


Model = Inception
