"""A conditional flow: which way every pixel has to go, from noise to the picture that a caption describes.

Lipman et al. (2023), Flow Matching for Generative Modeling, https://arxiv.org/abs/2210.02747 (what is learnt). The
network cuts the picture into patches and reads them as a Transformer does: Peebles & Xie (2023), Scalable Diffusion
Models with Transformers, https://arxiv.org/abs/2212.09748 (time scales and shifts every block; we begin each block at
nothing, as they do). It says the picture, and the velocity follows from that: Li & He (2025), Back to Basics: Let
Denoising Generative Models Denoise, https://arxiv.org/abs/2511.13720 (a narrow network carries a picture through its
layers, but no noise). Patches ask the words by cross-attention: Rombach et al. (2022), High-Resolution Image Synthesis
with Latent Diffusion Models, https://arxiv.org/abs/2112.10752. No caption at all is a caption too: Ho & Salimans
(2022), Classifier-Free Diffusion Guidance, https://arxiv.org/abs/2207.12598.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("text-to-image",)

PADDING = 0  # the token that is no word
NEAREST = 0.05  # to the end of the way: the velocity there would be divided by nothing (theirs too)
SLOWEST, FASTEST = 1.0, 1000.0  # periods of the waves that tell the time lie between 2π / 1000 and 2π


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    patch_size: int = 4  # pixels per side that are read as one: 16 patches of a picture of 16 x 16; 2 costs four times
    embed_dim: int = 96  # width C of a patch and of a word; enough for small pictures
    num_heads: int = 4  # questions that a patch asks at once; each has width embed_dim / num_heads
    num_layers: int = 3  # blocks; each looks once at the other patches and once at the words
    text_layers: int = 2  # blocks over the words, in which an adjective finds its noun
    mlp_ratio: int = 2  # width of a block's hidden layer, in multiples of embed_dim; 4 in the paper


class Flow(nn.Module):
    """v(x, t, words): the velocity at which x moves at time t, from noise at t = 0 to a picture at t = 1.

    On a straight path x = (1 − t)·noise + t·picture the velocity is picture − noise, the same all the way; from x it is
    (picture − x) / (1 − t). Nobody knows which picture x comes to: the network says the mean of all that may be.

    Args:
        vocab_size: Number of words V; token 0 is padding.
        max_length: Longest caption in words; there is a position vector for each.
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height and width in pixels; where a patch does not divide them, zeros are added below and right.
        config: Settings.

    Shape:
        - moving: (B, in_channels, H, W)
        - time: (B,) from 0 to 1
        - tokens: (B, T) int64, T ≤ max_length, padded with 0 at the end; all 0 is no caption
        - output: (B, in_channels, H, W)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or a caption is longer than `max_length`.

    Example:
        >>> flow = Flow(vocab_size=20, max_length=9, image_size=(16, 16))
        >>> flow(torch.randn(2, 3, 16, 16), torch.tensor([0.0, 0.5]), torch.tensor([[3, 4, 0], [0, 0, 0]])).shape
        torch.Size([2, 3, 16, 16])
    """

    def __init__(
        self,
        vocab_size: int,
        max_length: int,
        in_channels: int = 3,
        image_size: tuple[int, int] = (16, 16),
        config: Config = Config(),
    ):
        super().__init__()
        (H, W), C, P = image_size, config.embed_dim, config.patch_size
        if C % config.num_heads:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {config.num_heads}: change one of them")
        self.patch_size, self.grid = P, (-(-H // P), -(-W // P))  # patches, rounded up
        self.text = TextEncoder(vocab_size, max_length, config)
        self.patches = nn.Conv2d(in_channels, C, P, stride=P)
        self.places = nn.Parameter(torch.empty(1, self.grid[0] * self.grid[1], C).normal_(std=0.02))
        self.time = nn.Sequential(nn.Linear(C, C), nn.SiLU(), nn.Linear(C, C))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(C, elementwise_affine=False)
        self.modulation = nn.Linear(C, 2 * C)
        self.head = nn.Linear(C, in_channels * P * P)
        for layer in (self.modulation, self.head, *(block.modulation for block in self.blocks)):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, moving: Tensor, time: Tensor, tokens: Tensor) -> Tensor:
        B, _, H, W = moving.shape
        P, (rows, columns) = self.patch_size, self.grid
        words, caption = self.text(tokens)  # (B, 1 + T, C), (B, C)
        is_word = F.pad(tokens != PADDING, (1, 0), value=True)  # (B, 1 + T)
        state = F.silu(self.time(waves(time, caption.shape[1])) + caption)  # (B, C)
        x = self.patches(F.pad(moving, (0, columns * P - W, 0, rows * P - H)))  # (B, C, rows, columns)
        x = x.flatten(2).transpose(1, 2) + self.places  # (B, rows·columns, C)
        for block in self.blocks:
            x = block(x, state, words, is_word)
        shift, scale = self.modulation(state).unsqueeze(1).chunk(2, dim=2)  # (B, 1, C) each
        x = self.head(self.norm(x) * (1 + scale) + shift)  # (B, rows·columns, in_channels·P²)
        x = x.transpose(1, 2).reshape(B, -1, rows, columns)  # (B, in_channels·P², rows, columns)
        picture = F.pixel_shuffle(x, P)[:, :, :H, :W]  # (B, in_channels, H, W)
        return (picture - moving) / (1 - time).clamp(min=NEAREST)[:, None, None, None]  # (B, in_channels, H, W)


class TextEncoder(nn.Module):
    """Words that have read each other; before them one that is always there, so that no caption says something too.

    Shape:
        - tokens: (B, T)
        - output: (B, 1 + T, C) words, and (B, C) the first of them, which stands for the whole caption

    Raises:
        ValueError: If a caption is longer than the table of positions.
    """

    def __init__(self, vocab_size: int, max_length: int, config: Config):
        super().__init__()
        C = config.embed_dim
        self.words = nn.Embedding(vocab_size, C, padding_idx=PADDING)
        self.positions = nn.Embedding(max_length, C)
        self.whole = nn.Parameter(torch.empty(1, 1, C).normal_(std=0.5))
        self.blocks = nn.ModuleList(TextBlock(config) for _ in range(config.text_layers))
        self.norm = nn.LayerNorm(C)
        nn.init.normal_(self.words.weight, std=0.5)
        nn.init.normal_(self.positions.weight, std=0.5)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        B, T = tokens.shape
        if self.positions.weight.shape[0] < T:
            raise ValueError(f"expected captions of at most {self.positions.weight.shape[0]} words, got {T}: cut them")
        x = torch.cat([self.whole.expand(B, -1, -1), self.words(tokens) + self.positions.weight[:T]], dim=1)
        is_word = F.pad(tokens != PADDING, (1, 0), value=True)  # (B, 1 + T)
        for block in self.blocks:
            x = block(x, is_word)
        x = self.norm(x)  # (B, 1 + T, C)
        return x, x[:, 0]


class TextBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)): (B, T, C) → (B, T, C)."""

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        self.norm1, self.norm2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, config.num_heads)
        self.mlp = mlp(config)

    def forward(self, x: Tensor, is_word: Tensor) -> Tensor:
        asked = self.norm1(x)
        x = x + self.attention(asked, asked, is_word)
        return x + self.mlp(self.norm2(x))


class Block(nn.Module):
    """Patches look at each other, then at the words, then think by themselves; time decides how much each counts.

    Shape:
        - x: (B, N, C) patches; state: (B, C) of time and caption; words: (B, T, C); is_word: (B, T)
        - output: (B, N, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        self.norm1 = nn.LayerNorm(C, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(C)
        self.norm3 = nn.LayerNorm(C, elementwise_affine=False)
        self.attention = Attention(C, config.num_heads)
        self.reading = Attention(C, config.num_heads)
        self.mlp = mlp(config)
        self.modulation = nn.Linear(C, 7 * C)

    def forward(self, x: Tensor, state: Tensor, words: Tensor, is_word: Tensor) -> Tensor:
        parts = self.modulation(state).unsqueeze(1).chunk(7, dim=2)  # (B, 1, C) each
        shift1, scale1, gate1, gate2, shift3, scale3, gate3 = parts
        asked = self.norm1(x) * (1 + scale1) + shift1
        x = x + gate1 * self.attention(asked, asked)
        x = x + gate2 * self.reading(self.norm2(x), words, is_word)
        return x + gate3 * self.mlp(self.norm3(x) * (1 + scale3) + shift3)


class Attention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads: `asking` (B, N, C) asks `asked` (B, T, C), but no padding."""

    def __init__(self, embed_dim: int, num_heads: int):
        super().__init__()
        self.num_heads = num_heads
        self.q_proj, self.v_proj, self.o_proj = (nn.Linear(embed_dim, embed_dim) for _ in range(3))
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)  # an offset adds the same to all scores of a query

    def forward(self, asking: Tensor, asked: Tensor, is_word: Tensor | None = None) -> Tensor:
        B, N, C = asking.shape
        q, k, v = self._heads(self.q_proj(asking)), self._heads(self.k_proj(asked)), self._heads(self.v_proj(asked))
        mask = None if is_word is None else is_word[:, None, None, :]  # (B, 1, 1, T)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, nh, N, hd)
        return self.o_proj(y.transpose(1, 2).reshape(B, N, C))

    def _heads(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        return x.reshape(B, T, self.num_heads, C // self.num_heads).transpose(1, 2)  # (B, nh, T, hd)


def mlp(config: Config) -> nn.Sequential:
    """Each token by itself: C → mlp_ratio · C, GELU, back."""
    C, hidden = config.embed_dim, config.mlp_ratio * config.embed_dim
    return nn.Sequential(nn.Linear(C, hidden), nn.GELU(), nn.Linear(hidden, C))


def waves(time: Tensor, width: int) -> Tensor:
    """(B, width) sines and cosines of times (B,), from slow to fast, as the positions of a Transformer."""
    steps = torch.arange(width // 2, device=time.device, dtype=time.dtype) / max(1, width // 2 - 1)
    angles = time[:, None] * SLOWEST * torch.exp(steps * math.log(FASTEST / SLOWEST))  # (B, width / 2)
    return F.pad(torch.cat([angles.sin(), angles.cos()], dim=1), (0, width % 2))


Model = Flow
