"""Speech GRU: convolutions make frames to steps, a GRU reads them in both directions, each step names a token or none.

    frames ── (convolution, every second frame ── norm ── GELU) × 2 ── GRU → and ← ── linear ── tokens or blank

The form of Deep Speech 2 in small: forty milliseconds become a step, so that there are not many more steps than sounds
of speech, and what was said before and after helps to hear what is said now. The way back begins at the end of each
sound and not of the batch, so a sound is answered alike whatever it is batched with.

Amodei et al. (2015), Deep Speech 2, https://arxiv.org/abs/1512.02595 (convolutions over time, then recurrent layers)
Graves et al. (2006), Connectionist Temporal Classification, https://doi.org/10.1145/1143844.1143891 (the blank)
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("speech-recognition",)
HEAD = "head"

KERNEL = 5  # frames, or steps, that a filter sees


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    width: int = 128  # filters of the convolutions
    hidden_size: int = 128  # memory of each direction
    num_layers: int = 1  # recurrent layers; a second one needs hours of speech
    stride: Literal[2, 4] = 4  # frames to a step; 2 where tokens follow each other faster than every 40 ms
    dropout: float = 0.2  # before each recurrent layer and the last one


class SpeechGRU(nn.Module):
    """logits_t = W · [→h_t; ←h_t] + b, over the steps t that the convolutions leave.

    Args:
        num_bands: Mel bands M.
        vocab_size: Tokens V, of which 0 is the blank.
        config: Settings.

    Shape:
        - frames: (B, T, M), 0 behind the end of each sound; T a multiple of 8
        - lengths: (B,) int64, the frames of each
        - output: (B, T / stride, V); of a sound of L frames the first ⌈L / stride⌉ steps count

    Example:
        >>> SpeechGRU(num_bands=40, vocab_size=11)(torch.zeros(2, 48, 40), torch.tensor([30, 48])).shape
        torch.Size([2, 12, 11])
    """

    def __init__(self, num_bands: int, vocab_size: int, config: Config = Config()):
        super().__init__()
        C, H = config.width, config.hidden_size
        self.strides = (2, config.stride // 2)
        self.convs = nn.ModuleList(
            [nn.Conv1d(a, C, KERNEL, stride, KERNEL // 2) for a, stride in zip((num_bands, C), self.strides)]
        )
        self.norms = nn.ModuleList([nn.LayerNorm(C) for _ in self.strides])
        sizes = [C] + [2 * H] * (config.num_layers - 1)
        self.onward = nn.ModuleList([nn.GRU(size, H, batch_first=True) for size in sizes])
        self.back = nn.ModuleList([nn.GRU(size, H, batch_first=True) for size in sizes])
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(2 * H, vocab_size)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        x = frames  # (B, T, M)
        for conv, norm, stride in zip(self.convs, self.norms, self.strides):
            lengths = (lengths + stride - 1) // stride
            x = F.gelu(norm(conv(x.transpose(1, 2)).transpose(1, 2)))  # (B, T / stride, C)
            at = torch.arange(x.shape[1], device=x.device)
            x = x * (at < lengths.unsqueeze(1)).to(x.dtype).unsqueeze(2)
        for onward, back in zip(self.onward, self.back):
            x = self.dropout(x)
            before, _ = onward(x)  # (B, T', H)
            after, _ = back(_turned(x, lengths))
            x = torch.cat([before, _turned(after, lengths)], dim=2)  # (B, T', 2H)
        return self.head(self.dropout(x))  # (B, T', V)


def _turned(x: Tensor, lengths: Tensor) -> Tensor:
    """The steps of each sound from its end to its beginning; what lies behind the end stays there."""
    at = torch.arange(x.shape[1], device=x.device).unsqueeze(0)  # (1, T')
    ends = lengths.unsqueeze(1)  # (B, 1)
    places = torch.where(at < ends, ends - 1 - at, at)  # (B, T')
    return x.gather(1, places.unsqueeze(2).expand(-1, -1, x.shape[2]))


Model = SpeechGRU
