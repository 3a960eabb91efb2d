"""VGG: depth from 3×3 convolutions alone.

Simonyan & Zisserman (2014), Very Deep Convolutional Networks for Large-Scale Image Recognition,
https://arxiv.org/abs/1409.1556 (configurations A, B, D and E of its table 1 are vgg11, vgg13, vgg16 and vgg19)

The names in the state dict are torchvision's, so published weights fit, with and without batch normalisation
(Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167). Changed: He's initialisation; the paper had to train the
shallow networks first and to grow the deep ones from them.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

TASKS = ("image-classification",)
VARIANTS = {
    "vgg11": {"depth": 11},
    "vgg13": {"depth": 13},
    "vgg16": {"depth": 16},
    "vgg19": {"depth": 19},
    "vgg11-bn": {"depth": 11, "batch_norm": True},
    "vgg13-bn": {"depth": 13, "batch_norm": True},
    "vgg16-bn": {"depth": 16, "batch_norm": True},
    "vgg19-bn": {"depth": 19, "batch_norm": True},
}
PUBLISHED = {
    "vgg11": "hub:timm/vgg11.tv_in1k",
    "vgg13": "hub:timm/vgg13.tv_in1k",
    "vgg16": "hub:timm/vgg16.tv_in1k",
    "vgg19": "hub:timm/vgg19.tv_in1k",
    "vgg11-bn": "hub:timm/vgg11_bn.tv_in1k",
    "vgg13-bn": "hub:timm/vgg13_bn.tv_in1k",
    "vgg16-bn": "hub:timm/vgg16_bn.tv_in1k",
    "vgg19-bn": "hub:timm/vgg19_bn.tv_in1k",
}
INPUT = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "size": 224}  # of the published weights
HEAD = "classifier.6"
MIN_SIDE = 32  # pixels: five poolings halve them
CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}  # a stage, table 1
WIDENING = (1, 2, 4, 8, 8)  # channels of each stage, in units of the first: 64, 128, 256, 512, 512


@dataclass(frozen=True)
class Config:
    depth: Literal[11, 13, 16, 19] = 11  # layers with weights; 11 is the least of the paper
    batch_norm: bool = False  # after each convolution; not in the paper, but deep ones hardly learn without
    width: int = 64  # channels of the first stage, as in the paper
    hidden: int = 4096  # units of each dense layer, as in the paper; they hold nine of ten weights of vgg11
    dropout: float = 0.5  # of features after each dense layer, as in the paper


class VGG(nn.Module):
    """Five stages of 3×3 convolutions, each ended by a pooling that halves the picture, then three dense layers.

    Two 3×3 convolutions see 5×5 and three see 7×7, with fewer weights than one large kernel and a ReLU between.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), H and W at least 32
        - output: (B, num_classes)

    Example:
        >>> VGG(num_classes=10, config=Config(width=8, hidden=64))(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 1000, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        layers = []
        for count, widening in zip(CONVOLUTIONS[config.depth], WIDENING):
            for _ in range(count):
                layers += convolution(in_channels, config.width * widening, config.batch_norm)
                in_channels = config.width * widening
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)  # pictures of other sizes than 224×224 come to 7×7 here
        head = nn.Linear(config.hidden, num_classes)
        self.classifier = nn.Sequential(
            nn.Linear(in_channels * 7 * 7, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            head,
        )
        self.apply(initialize)
        nn.init.normal_(head.weight, std=0.01)  # nearly even answers: the first loss is that of chance

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.features(images)  # (B, 8 · width, H/32, W/32)
        x = self.avgpool(x).flatten(1)  # (B, 8 · width · 7 · 7)
        return self.classifier(x)  # (B, num_classes)


def convolution(in_channels: int, out_channels: int, batch_norm: bool) -> list[nn.Module]:
    """A 3×3 convolution that keeps height and width, and what follows it."""
    conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
    return [conv, nn.BatchNorm2d(out_channels), nn.ReLU()] if batch_norm else [conv, nn.ReLU()]


def initialize(module: nn.Module) -> None:
    """He initialisation: the signal keeps its size through the ReLUs, however many there are."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]


def from_published(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights under torchvision's names, or timm's, which has the dense layers as convolutions."""
    ours = {}
    for name, tensor in weights.items():
        for layer, place in (("pre_logits.fc1", 0), ("pre_logits.fc2", 3), ("head.fc", 6)):
            name = name.replace(layer, f"classifier.{place}")
        ours[name] = tensor.flatten(1) if name.startswith("classifier.") and tensor.dim() == 4 else tensor
    return ours


Model = VGG
