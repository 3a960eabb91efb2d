"""GoogLeNet: kernels of several sizes side by side, so that the network chooses the scale.

Szegedy et al. (2014), Going Deeper with Convolutions, https://arxiv.org/abs/1409.4842 (layer names 3a … 5b are its
table 1's)

This is the form of the published weights, under torchvision's names: batch normalisation after each convolution
(Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167), no local response normalisation, and 3×3 kernels where the
paper has 5×5.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
INPUT = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "size": 224}  # of the published weights: -1 to 1
HEAD = "fc"
MIN_SIDE = 15  # pixels; of 14, the third pooling would get a single one


@dataclass(frozen=True)
class Config:
    dropout: float = 0.2  # of features before the last layer, as the published weights were trained; the paper has 0.4
    aux: bool = False  # two more heads for `all_logits`; batch norm does without, and `deepglass train` leaves them


class GoogLeNet(nn.Module):
    """A stem that shrinks the picture, nine inception blocks, the mean over the picture, one linear layer.

    Twelve times fewer weights than AlexNet: 1×1 convolutions narrow the channels before the larger kernels, and a
    mean takes the place of wide dense layers.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), H and W at least 15
        - output: (B, num_classes)

    Example:
        >>> GoogLeNet(num_classes=10)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 1000, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        self.conv1 = ConvNormAct(in_channels, 64, 7, stride=2)
        self.conv2 = ConvNormAct(64, 64, 1)
        self.conv3 = ConvNormAct(64, 192, 3)
        self.inception3a = Inception(192, 64, (96, 128), (16, 32), 32)  # table 1, from here on
        self.inception3b = Inception(256, 128, (128, 192), (32, 96), 64)
        self.inception4a = Inception(480, 192, (96, 208), (16, 48), 64)
        self.inception4b = Inception(512, 160, (112, 224), (24, 64), 64)
        self.inception4c = Inception(512, 128, (128, 256), (24, 64), 64)
        self.inception4d = Inception(512, 112, (144, 288), (32, 64), 64)
        self.inception4e = Inception(528, 256, (160, 320), (32, 128), 128)
        self.inception5a = Inception(832, 256, (160, 320), (32, 128), 128)
        self.inception5b = Inception(832, 384, (192, 384), (48, 128), 128)
        self.aux1 = AuxiliaryHead(512, num_classes) if config.aux else None
        self.aux2 = AuxiliaryHead(528, num_classes) if config.aux else None
        self.dropout = nn.Dropout(config.dropout)
        self.fc = nn.Linear(1024, num_classes)
        self.apply(initialize)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.late(self.middle(self.early(images)))  # (B, num_classes)

    def all_logits(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits of the main head and of the two auxiliary ones, which bring the gradient to the middle of the network.

        While training, the paper's loss is loss(main) + 0.3 · (loss(aux1) + loss(aux2)).

        Raises:
            ValueError: If the network has no auxiliary heads.
        """
        if self.aux1 is None or self.aux2 is None:
            raise ValueError("this GoogLeNet has no auxiliary heads: build it with aux=True")
        early = self.early(images)
        middle = self.middle(early)
        return self.late(middle), self.aux1(early), self.aux2(middle)

    def early(self, images: torch.Tensor) -> torch.Tensor:
        """The stem and the blocks 3a to 4a."""
        x = halve(self.conv1(images))  # (B, 64, H/4, W/4)
        x = halve(self.conv3(self.conv2(x)))  # (B, 192, H/8, W/8)
        x = halve(self.inception3b(self.inception3a(x)))  # (B, 480, H/16, W/16)
        return self.inception4a(x)  # (B, 512, H/16, W/16)

    def middle(self, x: torch.Tensor) -> torch.Tensor:
        """The blocks 4b to 4d."""
        return self.inception4d(self.inception4c(self.inception4b(x)))  # (B, 528, H/16, W/16)

    def late(self, x: torch.Tensor) -> torch.Tensor:
        """The blocks 4e to 5b and the head."""
        x = halve(self.inception4e(x), kernel_size=2)  # (B, 832, H/32, W/32)
        x = self.inception5b(self.inception5a(x))  # (B, 1024, H/32, W/32)
        return self.fc(self.dropout(x.mean((2, 3))))  # (B, num_classes)


class Inception(nn.Module):
    """1×1, 3×3, larger and pooled, side by side along the channels (figure 2b).

    Args:
        in_channels: Channels of the input.
        single: Channels of the 1×1 branch.
        double: Channels of the 3×3 branch: to which a 1×1 convolution narrows, and that come out.
        large: The same of the branch for large things, 5×5 in the paper.
        pooled: Channels of the branch that pools first.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, single + double[1] + large[1] + pooled, H, W)
    """

    def __init__(self, in_channels: int, single: int, double: tuple[int, int], large: tuple[int, int], pooled: int):
        super().__init__()
        self.branch1 = ConvNormAct(in_channels, single, 1)
        self.branch2 = nn.Sequential(ConvNormAct(in_channels, double[0], 1), ConvNormAct(*double, 3))
        self.branch3 = nn.Sequential(ConvNormAct(in_channels, large[0], 1), ConvNormAct(*large, 3))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), ConvNormAct(in_channels, pooled, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier on the features of the middle; only for `all_logits`."""

    def __init__(self, in_channels: int, num_classes: int):
        super().__init__()
        self.conv = ConvNormAct(in_channels, 128, 1)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(0.7)  # the paper's

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(F.adaptive_avg_pool2d(x, 4)).flatten(1)  # (B, 128 · 4 · 4)
        return self.fc2(self.dropout(F.relu(self.fc1(x))))  # (B, num_classes)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x))); without a stride, height and width stay."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.bn(self.conv(x)))


def halve(x: torch.Tensor, kernel_size: int = 3) -> torch.Tensor:
    """The largest values of overlapping windows; half the height and width, rounded up."""
    return F.max_pool2d(x, kernel_size, stride=2, ceil_mode=True)


def initialize(module: nn.Module) -> None:
    """He initialisation by fan-out, which keeps the size of gradients through the ReLUs."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def from_published(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Published weights without the auxiliary heads, which `deepglass train` leaves out."""
    return {name: tensor for name, tensor in weights.items() if not name.startswith(("aux1.", "aux2."))}


Model = GoogLeNet
