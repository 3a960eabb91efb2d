"""AlexNet: the network that turned computer vision to deep learning.

Krizhevsky, Sutskever & Hinton (2012), ImageNet Classification with Deep Convolutional Neural Networks,
https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks
Krizhevsky (2014), One weird trick for parallelizing convolutional neural networks, https://arxiv.org/abs/1404.5997

This is the second paper's form, whose weights are published under torchvision's names: one column instead of two
halves on two graphics cards, and no local response normalisation. Changed: He's initialisation, published three
years later, instead of normal weights of 0.01 that need days to get going.
"""

from dataclasses import dataclass

import torch
from torch import nn

TASKS = ("image-classification",)
INPUT = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "size": 224}  # of the published weights
HEAD = "classifier.6"
MIN_SIDE = 63  # pixels; of 62, the third pooling would get two where it looks at three


@dataclass(frozen=True)
class Config:
    hidden: int = 4096  # units of each dense layer, as published; they hold 54 of the 61 million weights
    dropout: float = 0.5  # of features before each dense layer; the paper overfits substantially without


class AlexNet(nn.Module):
    """Five convolutions, three of them followed by pooling, and three dense layers, with ReLU between.

    Its pieces were known; new were the size, ReLUs (six times as quick as tanh in the paper), dropout, and two
    graphics cards to train on 1.2 million photographs.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), H and W at least 63
        - output: (B, num_classes)

    Example:
        >>> AlexNet(num_classes=10, config=Config(hidden=64))(torch.zeros(2, 3, 64, 64)).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 1000, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        self.features = nn.Sequential(  # sizes of pictures of 224×224
            nn.Conv2d(in_channels, 64, 11, stride=4, padding=2),  # (B, 64, 55, 55)
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # (B, 64, 27, 27)
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # (B, 192, 13, 13)
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # (B, 256, 6, 6)
        )
        self.avgpool = nn.AdaptiveAvgPool2d(6)  # pictures of other sizes come to 6×6 here
        head = nn.Linear(config.hidden, num_classes)
        self.classifier = nn.Sequential(
            nn.Dropout(config.dropout),
            nn.Linear(256 * 6 * 6, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.hidden),
            nn.ReLU(),
            head,
        )
        self.apply(initialize)
        nn.init.normal_(head.weight, std=0.01)  # nearly even answers: the first loss is that of chance

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.features(images)  # (B, 256, H/32 - 1, W/32 - 1), about
        x = self.avgpool(x).flatten(1)  # (B, 256 · 6 · 6)
        return self.classifier(x)  # (B, num_classes)


def initialize(module: nn.Module) -> None:
    """He initialisation: the signal keeps its size through the ReLUs, with no normalisation to correct it."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]


Model = AlexNet
