"""MobileNet: convolutions split in two, for devices that fit into a pocket.

Howard et al. (2017), MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications,
https://arxiv.org/abs/1704.04861 (the first version; "width" is its width multiplier α)

The padding, the ε of batch normalisation and ReLU6 are those of the published TensorFlow weights, which
`from_published` brings under our names.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
VARIANTS = {
    "mobilenet-v1": {"width": 1.0},
    "mobilenet-v1-0.75": {"width": 0.75},
    "mobilenet-v1-0.5": {"width": 0.5},
    "mobilenet-v1-0.25": {"width": 0.25},
}
INPUT = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "size": 224}  # of the published weights: -1 to 1
HEAD = "fc"
STEM_CHANNELS = 32
BLOCKS = (  # output channels and stride of each block, table 1
    (64, 1),
    (128, 2), (128, 1),
    (256, 2), (256, 1),
    (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
    (1024, 2), (1024, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    width: float = 1.0  # factor of all channels; weights and time fall with its square, 0.25 has half a million
    dropout: float = 0.001  # of features before the last layer; so small a network hardly overfits


class MobileNet(nn.Module):
    """A strided convolution, thirteen depthwise separable ones, the mean over the picture, one linear layer.

    A convolution filters in space and mixes channels at once. Split into a filter per channel (depthwise) and a mix per
    pixel (pointwise), 3×3 costs eight to nine times less, for one point of accuracy.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, 3 for colour.

    Shape:
        - input: (B, in_channels, H, W), any H and W
        - output: (B, num_classes)

    Example:
        >>> MobileNet(num_classes=10, config=Config(width=0.25))(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 1000, in_channels: int = 3, config: Config = Config()):
        super().__init__()
        channels = int(STEM_CHANNELS * config.width)
        self.stem = ConvNormAct(in_channels, channels, 3, stride=2)
        blocks = []
        for out_channels, stride in BLOCKS:
            blocks.append(SeparableConv(channels, int(out_channels * config.width), stride))
            channels = int(out_channels * config.width)
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(config.dropout)
        self.fc = nn.Linear(channels, num_classes)
        self.apply(initialize)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)  # (B, 32 · width, H/2, W/2)
        x = self.blocks(x)  # (B, 1024 · width, H/32, W/32)
        return self.fc(self.dropout(x.mean((2, 3))))  # (B, num_classes)


class SeparableConv(nn.Module):
    """Depthwise, then pointwise (figure 3, right)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int):
        super().__init__()
        self.depthwise = ConvNormAct(in_channels, in_channels, 3, stride, groups=in_channels)
        self.pointwise = ConvNormAct(in_channels, out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.pointwise(self.depthwise(x))  # (B, out_channels, H / stride, W / stride)


class ConvNormAct(nn.Module):
    """relu6(norm(conv(x))), padded as TensorFlow's "SAME": an uneven rest goes to the right and the bottom."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, groups: int = 1):
        super().__init__()
        self.is_strided = stride == 2
        padding = 0 if self.is_strided else kernel_size // 2
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.is_strided:  # 3×3: odd sizes get a row on both sides, even ones only at the end
            H, W = x.shape[2:]
            x = F.pad(x, (W % 2, 1, H % 2, 1))  # (B, C, H + 1 + H % 2, W + 1 + W % 2)
        return F.relu6(self.bn(self.conv(x)))  # (B, out_channels, H / stride, W / stride), rounded up


def initialize(module: nn.Module) -> None:
    """He initialisation by fan-in: 9 for a filter of one channel."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


# -- published weights ----------------------------------------------------------------------------------------------

NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def from_published(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights as Keras publishes them, under our names and in our order of dimensions; our own stay as they are.

    conv_dw_3/depthwise_kernel (3, 3, C, 1)  →  blocks.2.depthwise.conv.weight (C, 1, 3, 3)
    conv_pw_3_bn/gamma (C)                   →  blocks.2.pointwise.bn.weight (C)
    """
    if "conv_dw_1/depthwise_kernel" not in weights:
        return weights
    ours = {}
    for name, value in weights.items():
        layer, _, kind = name.partition("/")
        if name == "conv_preds/kernel":
            ours["fc.weight"] = value.flatten(0, 2).T  # (1, 1, C, num_classes) → (num_classes, C)
        elif name == "conv_preds/bias":
            ours["fc.bias"] = value
        elif kind in NORM:
            place = f"{place_of(layer.removesuffix('_bn'))}.bn"
            ours |= {f"{place}.{NORM[kind]}": value, f"{place}.num_batches_tracked": torch.tensor(0)}
        else:  # (3, 3, C, 1) depthwise, (h, w, in_channels, out_channels) else
            order = (2, 3, 0, 1) if kind == "depthwise_kernel" else (3, 2, 0, 1)
            ours[f"{place_of(layer)}.conv.weight"] = value.permute(*order)
    return ours


def place_of(layer: str) -> str:
    """conv_dw_3 → blocks.2.depthwise"""
    if layer == "conv1":
        return "stem"
    _, kind, number = layer.split("_")
    return f"blocks.{int(number) - 1}.{'depthwise' if kind == 'dw' else 'pointwise'}"


Model = MobileNet
