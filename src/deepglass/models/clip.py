"""CLIP in small: a picture and a sentence meet where each becomes D numbers of length 1.

Radford et al. (2021), Learning Transferable Visual Models From Natural Language Supervision,
https://arxiv.org/abs/2103.00020 (section 2.3: two encoders, linear projections, cosines of all pairs of a batch)

Changed: the picture goes through a small convolutional network that keeps where things are, as words do ("left of"),
in place of a ResNet or a ViT; the sentence through a GRU, in place of a transformer; the scale of the cosines is fixed.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("image-text",)
PADDING = 0
MOST = 4  # times the channels of the first block
MAP_SIDE = 5  # blocks halve the picture until it is at most so many pixels high or wide
SCALE = 16.0  # of cosines before a softmax: between -1 and 1 it could hardly decide; theirs is learnt and begins at 14


@dataclass(frozen=True)
class Config:
    width: int = 24  # channels of the first block for pictures; each block doubles them
    hidden_size: int = 96  # of the memory that reads the sentence; captions are short
    embed_dim: int = 64  # D, numbers of a picture and of a sentence


class CLIP(nn.Module):
    """logits = s · cos(f(picture), g(sentence)) for every pair of a batch.

    Neither encoder knows the other; they are only told which of all sentences belongs to which picture, and that is
    enough for words to find pictures that have never been labelled.

    Args:
        vocab_size: Number of tokens V; token 0 is padding.
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height and width.

    Shape:
        - pictures: (B, in_channels, H, W)
        - tokens: (B, T) int64, padded with 0 at the end
        - output: (B, B), a row for each picture; (B, D) of length 1 where there are no tokens

    Example:
        >>> import torch
        >>> CLIP(vocab_size=9, image_size=(16, 16))(torch.zeros(2, 3, 16, 16), torch.tensor([[2, 3], [4, 0]])).shape
        torch.Size([2, 2])
    """

    def __init__(
        self,
        vocab_size: int,
        in_channels: int = 3,
        image_size: tuple[int, int] = (28, 28),
        config: Config = Config(),
    ):
        super().__init__()
        (height, width), channels, blocks = image_size, config.width, []
        while max(height, width) > MAP_SIDE and min(height, width) > 1:
            blocks.append(block(in_channels, channels))
            in_channels, channels = channels, min(2 * channels, MOST * config.width)
            height, width = height // 2, width // 2
        self.blocks = nn.Sequential(*blocks)
        self.pictures = nn.Linear(in_channels * height * width, config.embed_dim)
        self.words = nn.Embedding(vocab_size, config.hidden_size, padding_idx=PADDING)
        self.gru = nn.GRU(config.hidden_size, config.hidden_size, batch_first=True)
        self.head = nn.Linear(config.hidden_size, config.embed_dim)

    def forward(self, pictures: Tensor, tokens: Tensor | None = None) -> Tensor:
        seen = F.normalize(self.pictures(self.blocks(pictures).flatten(1)), dim=1)  # (B, D)
        if tokens is None:
            return seen
        return SCALE * seen @ self.read(tokens).transpose(0, 1)  # (B, B)

    def read(self, tokens: Tensor) -> Tensor:
        """(B, D) of length 1, of sentences (B, T)."""
        states, _ = self.gru(self.words(tokens))  # (B, T, H); what follows the last word cannot reach back to it
        is_word = (tokens != PADDING).to(states.dtype).unsqueeze(2)  # (B, T, 1)
        summary = (states * is_word).sum(dim=1) / is_word.sum(dim=1).clamp(min=1)  # (B, H)
        return F.normalize(self.head(summary), dim=1)


def block(in_channels: int, out_channels: int) -> nn.Sequential:
    """Look, and halve."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


Model = CLIP
