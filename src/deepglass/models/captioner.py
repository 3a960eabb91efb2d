"""Captioner: frames become tokens that a Transformer decoder listens to while it writes a sentence, word by word.

A small convolutional network turns every frame, with those beside it, into one vector; its filters reach over time, so
that movements are seen; Transformer layers may compare the vectors of all frames; the decoder predicts the next word
from the words so far and, by attention, from the frames. A picture is a clip of one frame.

Venugopalan et al. (2015), Sequence to Sequence - Video to Text, https://arxiv.org/abs/1505.00487 (words of frames);
Vinyals et al. (2015), Show and Tell, https://arxiv.org/abs/1411.4555 (a convolutional network as the encoder);
Xu et al. (2015), Show, Attend and Tell, https://arxiv.org/abs/1502.03044 (attention, word by word);
Cornia et al. (2020), Meshed-Memory Transformer for Image Captioning, https://arxiv.org/abs/1912.08226 (a Transformer in
their place).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("captioning",)
PADDING = 0


@dataclass(frozen=True)
class Config:
    width: int = 8  # channels of the stem; every stage doubles them while it halves height and width
    stem_stride: int = 1  # of height and width; 2 is a quarter of the work, and misses movements of a pixel
    num_stages: int = 2  # two leave 7x7 of 28x28
    grid: int = 1  # cells per side in which the encoder keeps what is where; 1 keeps what, wherever it is
    embed_dim: int = 48  # width C of a token, of frames and of words
    num_heads: int = 4
    mlp_dim: int = 96  # width inside the MLP of a layer
    num_encoder_layers: int = 0  # that compare frames; filters over time do so for their neighbours
    num_decoder_layers: int = 1  # that write; captions of a dozen words need no second one
    dropout: float = 0.0  # in the layers; so small a network hardly learns by heart what it sees
    word_dropout: float = 0.5  # of the words so far while training: who knows them by heart need not look at the clip


class State(NamedTuple):
    """All that `step` needs to know: the words so far (N, T) and what was seen (N, frames, C)."""

    target: Tensor
    memory: Tensor


class Captioner(nn.Module):
    """logits = decoder(words so far, encoder(frames)), of the next word at every place.

    Args:
        vocab_size: Number V of tokens; 0 is padding.
        max_length: Longest sentence, its start token included.
        in_channels: 1 for grey frames, 3 for colour.
        num_frames: Most frames of a clip.
        config: Settings.

    Shape:
        - clips: (B, F, in_channels, H, W), F frames
        - target: (B, T) int64, T ≤ max_length, beginning with the start token
        - output: (B, T, V): at t, the token that follows position t

    Raises:
        ValueError: If `embed_dim` is not divisible by 2 and by `num_heads`, or a sequence is longer than was said.

    Example:
        >>> model = Captioner(vocab_size=20, max_length=16, num_frames=8)
        >>> model(torch.zeros(2, 8, 3, 28, 28), torch.ones(2, 5, dtype=torch.int64)).shape
        torch.Size([2, 5, 20])
    """

    positions: Tensor  # (max_length, C)

    def __init__(
        self, vocab_size: int, max_length: int, in_channels: int = 3, num_frames: int = 1, config: Config = Config()
    ):
        super().__init__()
        C, nh, wide = config.embed_dim, config.num_heads, config.mlp_dim
        if C % nh or C % 2:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {nh} and by 2: change one of them")
        self.frames = FrameEncoder(in_channels, config)
        self.embedding = nn.Embedding(vocab_size, C)
        self.register_buffer("positions", sinusoids(max(max_length, num_frames), C), persistent=False)
        self.dropout = nn.Dropout(config.dropout)
        self.word_dropout = WordDropout(config.word_dropout)
        kind = {"dropout": config.dropout, "batch_first": True, "norm_first": True}
        self.encoder = nn.ModuleList(
            nn.TransformerEncoderLayer(C, nh, wide, **kind) for _ in range(config.num_encoder_layers)
        )
        self.decoder = nn.ModuleList(
            nn.TransformerDecoderLayer(C, nh, wide, **kind) for _ in range(config.num_decoder_layers)
        )
        self.memory_norm, self.norm = nn.LayerNorm(C), nn.LayerNorm(C)
        nn.init.normal_(self.embedding.weight, std=C**-0.5)

    def forward(self, clips: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(clips).memory)

    def encode(self, clips: Tensor) -> State:
        """Look at the frames: the state before the first word is written.

        Raises:
            ValueError: If there are more frames than was said.
        """
        x = self.frames(clips)  # (B, F, C)
        B, T = x.shape[:2]
        x = self.dropout(x * math.sqrt(x.shape[2]) + self._places(T))
        for layer in self.encoder:
            x = layer(x)
        empty = torch.zeros(B, 0, dtype=torch.int64, device=clips.device)
        return State(empty, self.memory_norm(x))

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read the last token (N,) of each sentence: logits (N, V) of the next, and the state after it."""
        state = state._replace(target=torch.cat([state.target, tokens.unsqueeze(1)], dim=1))
        return self.decode(*state)[:, -1], state

    def decode(self, target: Tensor, memory: Tensor) -> Tensor:
        """What follows each place of the target (B, T), given what was seen (B, frames, C): (B, T, V).

        Raises:
            ValueError: If the target is longer than was said.
        """
        T = target.shape[1]
        x = self.embedding(target) * math.sqrt(self.embedding.weight.shape[1])
        x = self.dropout(self.word_dropout(x) + self._places(T))
        place = torch.arange(T, device=target.device)
        is_later = place > place.unsqueeze(1)  # (T, T): whether the column comes after the row
        for layer in self.decoder:
            x = layer(x, memory, tgt_mask=is_later)
        return F.linear(self.norm(x), self.embedding.weight)  # (B, T, V)

    def _places(self, length: int) -> Tensor:
        if len(self.positions) < length:
            raise ValueError(f"expected sequences of at most {len(self.positions)}, got {length}: cut them")
        return self.positions[:length]


class WordDropout(nn.Module):
    """Leaves out whole words (B, T, C) with probability p while training (Bowman et al., 2016, section 3.1).

    https://arxiv.org/abs/1511.06349
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.p:
            return x
        B, T, _ = x.shape
        return x * (torch.rand(B, T, 1, device=x.device) >= self.p).to(x.dtype)


class FrameEncoder(nn.Module):
    """Convolutions over picture and time, then a grid of cells, then one vector per frame.

    Shape:
        - clips: (B, T, in_channels, H, W)
        - output: (B, T, C)
    """

    def __init__(self, in_channels: int, config: Config):
        super().__init__()
        channels = config.width
        self.stem, stages = ConvNormAct(in_channels, channels, config.stem_stride), []
        for _ in range(config.num_stages):
            stages += [ConvNormAct(channels, 2 * channels, stride=2), Residual(2 * channels)]
            channels = 2 * channels
        self.stages, self.grid = nn.Sequential(*stages), config.grid
        seen = channels * (config.grid**2 + 1)
        self.norm, self.head = nn.BatchNorm1d(seen), nn.Linear(seen, config.embed_dim)

    def forward(self, clips: Tensor) -> Tensor:
        B, T = clips.shape[:2]
        x = self.stages(self.stem(clips.transpose(1, 2))).transpose(1, 2)  # (B, T, channels, H', W')
        x = x.flatten(0, 1)  # (B·T, channels, H', W')
        means = F.adaptive_avg_pool2d(x, self.grid).flatten(1)  # (B·T, channels · grid²)
        most = x.flatten(2).amax(2)  # (B·T, channels): a small thing hardly moves a mean
        return self.head(self.norm(torch.cat([means, most], dim=1))).reshape(B, T, -1)


class ConvNormAct(nn.Module):
    """relu(norm(conv(x))): three frames at once, none left out; (B, in, T, H, W) → (B, out, T, H/stride, W/stride)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, 3, (1, stride, stride), padding=1, bias=False)
        self.norm = nn.BatchNorm3d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class Residual(nn.Module):
    """y = x + relu(norm(conv(x)))."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = ConvNormAct(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def sinusoids(max_length: int, embed_dim: int) -> Tensor:
    """Positions as waves, of frames and of words: sine and cosine of position / 10000^(2i/C). (max_length, C)"""
    speeds = 10_000.0 ** (-torch.arange(0, embed_dim, 2).float() / embed_dim)  # (C/2,)
    angles = torch.arange(max_length).float().unsqueeze(1) * speeds  # (max_length, C/2)
    return torch.stack([torch.sin(angles), torch.cos(angles)], dim=2).flatten(1)


Model = Captioner
