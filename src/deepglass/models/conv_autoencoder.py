"""Convolutional autoencoder: a picture is halved step by step into a short code, and doubled back.

Masci et al. (2011), Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction,
https://doi.org/10.1007/978-3-642-21735-7_7. Changed: strides instead of max-pooling (Springenberg et al., 2014,
https://arxiv.org/abs/1412.6806), transposed convolutions on the way back (Zeiler et al., 2010,
https://doi.org/10.1109/CVPR.2010.5539957), and a linear layer to and from the code, so that it has no places any more.
"""

from dataclasses import dataclass

import torch
from torch import nn

TASKS = ("embedding",)


@dataclass(frozen=True)
class Config:
    code_dim: int = 8  # numbers of a code; fewer compress more
    width: int = 32  # channels at full size; every halving doubles them
    num_stages: int = 2  # halvings: two leave 7×7 of 28×28


class ConvAutoencoder(nn.Module):
    """code = E(picture), made = D(code); both at once, side by side.

    Args:
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height H and width W.
        config: Settings.

    Shape:
        - images: (B, in_channels, H, W)
        - output: (B, K + in_channels·H·W), first the code of K numbers, then the picture that is made of it, flat

    Example:
        >>> ConvAutoencoder(image_size=(8, 8), config=Config(code_dim=3))(torch.zeros(2, 1, 8, 8)).shape
        torch.Size([2, 67])
    """

    def __init__(self, in_channels: int = 1, image_size: tuple[int, int] = (28, 28), config: Config = Config()):
        super().__init__()
        widths = [config.width * 2**stage for stage in range(config.num_stages + 1)]
        self.sizes = [image_size]  # before every halving, and after the last
        for _ in range(config.num_stages):
            self.sizes.append(((self.sizes[-1][0] + 1) // 2, (self.sizes[-1][1] + 1) // 2))
        h, w = self.sizes[-1]
        self.stem = nn.Conv2d(in_channels, widths[0], 3, padding=1)
        self.down = nn.ModuleList([nn.Conv2d(c, 2 * c, 3, stride=2, padding=1) for c in widths[:-1]])
        self.to_code = nn.Linear(widths[-1] * h * w, config.code_dim)
        self.from_code = nn.Linear(config.code_dim, widths[-1] * h * w)
        self.up = nn.ModuleList([nn.ConvTranspose2d(2 * c, c, 2, stride=2) for c in reversed(widths[:-1])])
        self.refine = nn.ModuleList([nn.Conv2d(c, c, 3, padding=1) for c in reversed(widths[:-1])])
        self.head = nn.Conv2d(widths[0], in_channels, 3, padding=1)
        self.bend = nn.GELU()

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """(B, K) codes."""
        x = self.bend(self.stem(images))  # (B, width, H, W)
        for halve in self.down:
            x = self.bend(halve(x))  # (B, 2C, H/2, W/2), rounded up
        return self.to_code(x.flatten(1))

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        """(B, in_channels, H, W) pictures, made from codes (B, K)."""
        h, w = self.sizes[-1]
        x = self.bend(self.from_code(code)).unflatten(1, (-1, h, w))  # (B, C, h, w)
        for double, refine, (H, W) in zip(self.up, self.refine, reversed(self.sizes[:-1])):
            x = self.bend(double(x))[:, :, :H, :W]  # (B, C/2, 2h, 2w), less what was rounded up
            x = self.bend(refine(x))
        return self.head(x)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        code = self.encode(images)  # (B, K)
        return torch.cat([code, self.decode(code).flatten(1)], dim=1)


Model = ConvAutoencoder
