"""Sound CNN: small filters slide over time and pitch of a sound, and a mean over time says what it is.

    frames ── (3×3 convolution ── pooling ── norm ── ReLU) × 3 ── mean over time ── linear

The bands stay apart until the end, for a pattern means something else an octave higher; time does not matter. What
lies behind the end of a sound is kept at 0, so a sound is answered alike whatever it is batched with.

Piczak (2015), Environmental sound classification with convolutional neural networks,
https://doi.org/10.1109/MLSP.2015.7324337 (log-mel frames as a picture); Ba, Kiros & Hinton (2016), Layer Normalization,
https://arxiv.org/abs/1607.06450, here over the channels of each place, where nothing behind the end can reach.
"""

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("sound-classification",)
HEAD = "head"

POOLINGS = (2, 2, 1)  # of time in each block; pitch is halved in all of them


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    width: int = 32  # filters of the first block, twice as many of the others; 32 tell ten words apart
    dropout: float = 0.3  # before the last layer; few sounds are soon known by heart


class SoundCNN(nn.Module):
    """logits = W · mean over time of block₃(block₂(block₁(frames))) + b.

    Args:
        num_bands: Mel bands M, 8 or more.
        num_classes: Classes K.
        config: Settings.

    Shape:
        - frames: (B, T, M), 0 behind the end of each sound; T a multiple of 8
        - lengths: (B,) int64, the frames of each
        - output: (B, K)

    Example:
        >>> SoundCNN(num_bands=40, num_classes=10)(torch.zeros(2, 48, 40), torch.tensor([30, 48])).shape
        torch.Size([2, 10])
    """

    def __init__(self, num_bands: int, num_classes: int, config: Config = Config()):
        super().__init__()
        widths = (1, config.width, 2 * config.width, 2 * config.width)
        self.convs = nn.ModuleList([nn.Conv2d(a, b, 3, padding=1) for a, b in itertools.pairwise(widths)])
        self.norms = nn.ModuleList([nn.LayerNorm(b) for b in widths[1:]])
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(widths[-1] * (num_bands // 2 ** len(POOLINGS)), num_classes)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        x = frames.unsqueeze(1)  # (B, 1, T, M)
        for conv, norm, pool in zip(self.convs, self.norms, POOLINGS):
            x = F.max_pool2d(conv(x) * _is_sound(x, lengths), (pool, 2))  # (B, C, T / pool, M / 2)
            lengths = (lengths + pool - 1) // pool
            x = norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
            x = x.relu() * _is_sound(x, lengths)
        is_sound = _is_sound(x, lengths)
        summary = (x * is_sound).sum(dim=2) / is_sound.sum(dim=2).clamp(min=1)  # (B, C, M / 8)
        return self.head(self.dropout(summary.flatten(1)))  # (B, K)


def _is_sound(x: Tensor, lengths: Tensor) -> Tensor:
    """(B, 1, T, 1) 1 in the frames of each sound, 0 behind its end."""
    at = torch.arange(x.shape[2], device=x.device)
    return (at < lengths.unsqueeze(1)).to(x.dtype).unsqueeze(1).unsqueeze(3)


Model = SoundCNN
