"""LeNet-5: the convolutional network that read bank cheques.

LeCun, Bottou, Bengio & Haffner (1998), Gradient-Based Learning Applied to Document Recognition,
http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf (section II.B; layer names C1 … F6 are the paper's)

Kept from the paper: the sparse table between S2 and C3, subsampling with a weight and a bias a map, the scaled
tanh, the initialisation, and so its 60,000 trainable weights up to F6. Changed: the outputs are ten linear logits
with cross-entropy instead of distances to fixed drawings of the digits, which work for digits alone.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("image-classification",)
HEAD = "output"
PAPER_SIZE = 32  # the paper pads its 28×28 digits to 32×32, so that strokes at the border are seen whole
C3_TABLE = (  # table I: which of the six maps of S2 each of the sixteen maps of C3 sees
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    hidden: int = 84  # units of F6; the paper's 84 are the pixels of its 7×12 drawings


class LeNet5(nn.Module):
    """C1 → S2 → C3 → S4 → C5 → F6 → logits: convolve, subsample, convolve, subsample, then decide.

    Early maps find strokes anywhere, subsampling forgets where exactly, later maps combine strokes to shapes.

    Args:
        num_classes: Number of logits.
        in_channels: 1 for grey pictures, as in the paper.
        image_size: Height and width; smaller pictures are padded with zeros to 32×32, larger ones widen C5.

    Shape:
        - input: (B, in_channels, H, W)
        - output: (B, num_classes)

    Example:
        >>> LeNet5(num_classes=10)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 1,
        image_size: tuple[int, int] = (28, 28),
        config: Config = Config(),
    ):
        super().__init__()
        height, width = (max(PAPER_SIZE, size) for size in image_size)
        self.padding = padding_to(height, width, image_size)
        h, w = (((size - 4) // 2 - 4) // 2 for size in (height, width))  # 5×5 in the paper
        self.c1 = nn.Conv2d(in_channels, 6, 5)
        self.s2 = Subsampling(6)
        self.c3 = SparseConv2d(C3_TABLE, in_channels=6, kernel_size=5)
        self.s4 = Subsampling(16)
        self.c5 = nn.Linear(16 * h * w, 120)
        self.f6 = nn.Linear(120, config.hidden)
        self.output = nn.Linear(config.hidden, num_classes)
        self.apply(initialize)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.pad(images, self.padding)  # (B, C, 32, 32)
        x = scaled_tanh(self.c1(x))  # (B, 6, 28, 28)
        x = scaled_tanh(self.s2(x))  # (B, 6, 14, 14)
        x = scaled_tanh(self.c3(x))  # (B, 16, 10, 10)
        x = scaled_tanh(self.s4(x))  # (B, 16, 5, 5)
        x = scaled_tanh(self.c5(x.flatten(1)))  # (B, 120)
        x = scaled_tanh(self.f6(x))  # (B, 84)
        return self.output(x)  # (B, num_classes)


class Subsampling(nn.Module):
    """y = weight · mean of 2×2 + bias, one weight and one bias a map.

    The paper sums the four values; the mean differs by a factor of 4 that the weight absorbs.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(x, 2) * self.weight + self.bias  # (B, C, H/2, W/2)


class SparseConv2d(nn.Module):
    """A convolution whose output maps each see only some of the input maps.

    Different inputs force maps to look for different things; it also made C3 affordable in 1998.

    Args:
        table: For each output map, the input maps it sees.
    """

    place: torch.Tensor  # (16 · 6) which kernel joins an output map to an input map

    def __init__(self, table: tuple[tuple[int, ...], ...], in_channels: int, kernel_size: int):
        super().__init__()
        connections = [(o, i) for o, inputs in enumerate(table) for i in inputs]
        self.shape = (len(table), in_channels, kernel_size, kernel_size)
        self.fan_in = kernel_size**2 * len(connections) / len(table)  # of an average map
        self.kernels = nn.Parameter(torch.zeros(len(connections), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        place = torch.full((len(table), in_channels), len(connections))  # where there is no connection: a zero kernel
        for k, (o, i) in enumerate(connections):
            place[o, i] = k
        self.register_buffer("place", place.flatten(), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernels = torch.cat([self.kernels, torch.zeros_like(self.kernels[:1])])  # (61, 5, 5)
        weight = kernels[self.place].reshape(self.shape)  # (16, 6, 5, 5)
        return F.conv2d(x, weight, self.bias)


def scaled_tanh(x: torch.Tensor) -> torch.Tensor:
    """1.7159 · tanh(2x/3): passes ±1 through unchanged and is steepest curved there (appendix A)."""
    return 1.7159 * torch.tanh(x * (2 / 3))


def padding_to(height: int, width: int, image_size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, right, top, bottom: the picture in the middle."""
    h, w = height - image_size[0], width - image_size[1]
    return (w // 2, w - w // 2, h // 2, h - h // 2)


def initialize(module: nn.Module) -> None:
    """Uniform within ±2.4 / fan-in, biases zero (section II.B of the paper's appendix A)."""
    if isinstance(module, SparseConv2d):
        nn.init.uniform_(module.kernels, -2.4 / module.fan_in, 2.4 / module.fan_in)
    if isinstance(module, nn.Conv2d | nn.Linear):
        fan_in = module.weight[0].numel()
        nn.init.uniform_(module.weight, -2.4 / fan_in, 2.4 / fan_in)
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]


Model = LeNet5
