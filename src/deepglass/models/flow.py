"""A conditional flow: which way every pixel has to go, from noise to the picture that a caption describes.

Lipman et al. (2023), Flow Matching for Generative Modeling, https://arxiv.org/abs/2210.02747 (what is learnt). The
network is a U-Net: Ronneberger, Fischer & Brox (2015), https://arxiv.org/abs/1505.04597, with time in every block as in
Ho, Jain & Abbeel (2020), Denoising Diffusion Probabilistic Models, https://arxiv.org/abs/2006.11239. Filters know what
an edge is from the first step on; a Transformer over patches of as many weights has to learn it, and painted broken
shapes after the same training. Where the picture is small, its places look at each other and ask the words by
cross-attention: Rombach et al. (2022), High-Resolution Image Synthesis with Latent Diffusion Models,
https://arxiv.org/abs/2112.10752. The network says the picture, and the velocity follows from that: Li & He (2025), Back
to Basics: Let Denoising Generative Models Denoise, https://arxiv.org/abs/2511.13720. No caption at all is a caption
too: Ho & Salimans (2022), Classifier-Free Diffusion Guidance, https://arxiv.org/abs/2207.12598.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("text-to-image",)

PADDING = 0  # the token that is no word
NEAREST = 0.05  # to the end of the way: the velocity there would be divided by nothing (as in Li & He)
SLOWEST, FASTEST = 1.0, 1000.0  # periods of the waves that tell the time lie between 2π / 1000 and 2π
MOST_GROUPS, LEAST_CHANNELS = 8, 4  # of channels that are normalised together


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    width: int = 32  # channels at the size of the picture; twice as many at every smaller size
    num_scales: int = 3  # sizes: 16, 8 and 4 pixels a side of a picture of 16; places look at words below the first
    embed_dim: int = 64  # width C of a word, and of what time and caption say to every block
    num_heads: int = 4  # questions that a place asks at once
    text_layers: int = 2  # blocks over the words, in which an adjective finds its noun
    mlp_ratio: int = 2  # width of a hidden layer, in multiples of what goes in; 4 in most Transformers

    def channels(self, scale: int) -> int:
        """Of a scale, 0 at the size of the picture."""
        return self.width if scale == 0 else 2 * self.width


class Flow(nn.Module):
    """v(x, t, words): the velocity at which x moves at time t, from noise at t = 0 to a picture at t = 1.

    On a straight path x = (1 − t)·noise + t·picture the velocity is picture − noise, the same all the way; from x it is
    (picture − x) / (1 − t). Nobody knows which picture x comes to: the network says the mean of all that may be.

    Args:
        vocab_size: Number of words V; token 0 is padding.
        max_length: Longest caption in words; there is a position vector for each.
        in_channels: 1 for grey pictures, 3 for colour.
        image_size: Height and width in pixels; where they cannot be halved often enough, zeros are added below and
            right.
        config: Settings.

    Shape:
        - moving: (B, in_channels, H, W)
        - time: (B,) from 0 to 1
        - tokens: (B, T) int64, T ≤ max_length, padded with 0 at the end; all 0 is no caption
        - output: (B, in_channels, H, W)

    Raises:
        ValueError: If `embed_dim` or twice the `width` is not divisible by `num_heads`, or a caption is longer than
            `max_length`.

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
        for name, value in (("embed_dim", config.embed_dim), ("2 · width", 2 * config.width)):
            if value % config.num_heads:
                raise ValueError(f"{name} {value} is not divisible by num_heads {config.num_heads}: change one of them")
        C, count = config.embed_dim, config.num_scales
        self.multiple = 2 ** (count - 1)  # of pixels per side, so that every size is half of the one before
        sizes = [
            tuple(-(-side // self.multiple) * (self.multiple >> scale) for side in image_size) for scale in range(count)
        ]
        self.text = TextEncoder(vocab_size, max_length, config)
        self.time = nn.Sequential(nn.Linear(C, C), nn.SiLU(), nn.Linear(C, C))
        self.stem = nn.Conv2d(in_channels, config.width, 3, padding=1)
        self.down = nn.ModuleList(Stage(config, scale, sizes[scale]) for scale in range(count))
        self.smaller = nn.ModuleList(
            nn.Conv2d(config.channels(scale), config.channels(scale + 1), 3, stride=2, padding=1)
            for scale in range(count - 1)
        )
        self.middle = Residual(config.channels(count - 1), config.channels(count - 1), C)
        self.up = nn.ModuleList(Stage(config, scale, sizes[scale], is_up=True) for scale in range(count))
        self.larger = nn.ModuleList(
            nn.Conv2d(config.channels(scale + 1), config.channels(scale), 3, padding=1) for scale in range(count - 1)
        )
        self.norm = group_norm(config.width)
        self.head = nothing_at_first(nn.Conv2d(config.width, in_channels, 3, padding=1))

    def forward(self, moving: Tensor, time: Tensor, tokens: Tensor) -> Tensor:
        H, W = moving.shape[2:]
        words, caption = self.text(tokens)  # (B, 1 + T, C), (B, C)
        is_word = F.pad(tokens != PADDING, (1, 0), value=True)  # (B, 1 + T)
        state = F.silu(self.time(waves(time, caption.shape[1])) + caption)  # (B, C)
        x = self.stem(F.pad(moving, (0, -W % self.multiple, 0, -H % self.multiple)))
        seen = []  # of every scale, what the way up is reminded of
        for scale, stage in enumerate(self.down):
            x = self.smaller[scale - 1](x) if scale else x  # (B, channels, H / 2^scale, W / 2^scale)
            x = stage(x, state, words, is_word)
            seen.append(x)
        x = self.middle(x, state)
        for scale in reversed(range(len(seen))):
            x = self.up[scale](torch.cat([x, seen[scale]], dim=1), state, words, is_word)
            x = self.larger[scale - 1](F.interpolate(x, scale_factor=2)) if scale else x
        picture = self.head(F.silu(self.norm(x)))[:, :, :H, :W]  # (B, in_channels, H, W)
        return (picture - moving) / (1 - time).clamp(min=NEAREST)[:, None, None, None]  # (B, in_channels, H, W)


class Stage(nn.Module):
    """What happens at one size: filters, and below the first size a look around and at the words.

    Shape:
        - x: (B, channels, H, W), on the way up twice as many; state: (B, C); words: (B, T, C); is_word: (B, T)
        - output: (B, channels, H, W)
    """

    def __init__(self, config: Config, scale: int, size: tuple[int, ...], is_up: bool = False):
        super().__init__()
        channels = config.channels(scale)
        self.filters = Residual(channels * (1 + is_up), channels, config.embed_dim)
        self.look = Look(channels, size, config) if scale else None

    def forward(self, x: Tensor, state: Tensor, words: Tensor, is_word: Tensor) -> Tensor:
        x = self.filters(x, state)
        return x if self.look is None else self.look(x, words, is_word)


class Residual(nn.Module):
    """x + conv(silu(norm(conv(silu(norm(x))) · (1 + scale) + shift))): time and caption scale and shift channels.

    Shape:
        - x: (B, in_channels, H, W); state: (B, C)
        - output: (B, out_channels, H, W)
    """

    def __init__(self, in_channels: int, out_channels: int, embed_dim: int):
        super().__init__()
        self.norm1, self.norm2 = group_norm(in_channels), group_norm(out_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.conv2 = nothing_at_first(nn.Conv2d(out_channels, out_channels, 3, padding=1))
        self.modulation = nn.Linear(embed_dim, 2 * out_channels)
        self.skip = nn.Identity() if in_channels == out_channels else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        scale, shift = self.modulation(state)[:, :, None, None].chunk(2, dim=1)
        y = self.conv1(F.silu(self.norm1(x)))
        y = self.conv2(F.silu(self.norm2(y) * (1 + scale) + shift))
        return self.skip(x) + y


class Look(nn.Module):
    """Places look at each other, then at the words, then think by themselves: (B, channels, H, W), and back."""

    def __init__(self, channels: int, size: tuple[int, ...], config: Config):
        super().__init__()
        self.places = nn.Parameter(torch.empty(1, size[0] * size[1], channels).normal_(std=0.02))
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(channels) for _ in range(3))
        self.attention = Attention(channels, config.num_heads)
        self.reading = Attention(channels, config.num_heads, config.embed_dim)
        self.mlp = mlp(channels, config.mlp_ratio)
        for last in (self.attention.o_proj, self.reading.o_proj, self.mlp[2]):
            nothing_at_first(last)

    def forward(self, x: Tensor, words: Tensor, is_word: Tensor) -> Tensor:
        B, channels, H, W = x.shape
        y = x.flatten(2).transpose(1, 2) + self.places  # (B, H·W, channels)
        asked = self.norm1(y)
        y = y + self.attention(asked, asked)
        y = y + self.reading(self.norm2(y), words, is_word)
        y = y + self.mlp(self.norm3(y))
        return y.transpose(1, 2).reshape(B, channels, H, W)


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
        self.mlp = mlp(C, config.mlp_ratio)

    def forward(self, x: Tensor, is_word: Tensor) -> Tensor:
        asked = self.norm1(x)
        x = x + self.attention(asked, asked, is_word)
        return x + self.mlp(self.norm2(x))


class Attention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads: `asking` (B, N, C) asks `asked` (B, T, C), but no padding."""

    def __init__(self, embed_dim: int, num_heads: int, asked_dim: int | None = None):
        super().__init__()
        self.num_heads, asked_dim = num_heads, asked_dim or embed_dim
        self.q_proj, self.o_proj = nn.Linear(embed_dim, embed_dim), nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(asked_dim, embed_dim)
        self.k_proj = nn.Linear(asked_dim, embed_dim, bias=False)  # an offset adds the same to all scores of a query

    def forward(self, asking: Tensor, asked: Tensor, is_word: Tensor | None = None) -> Tensor:
        B, N, C = asking.shape
        q, k, v = self._heads(self.q_proj(asking)), self._heads(self.k_proj(asked)), self._heads(self.v_proj(asked))
        mask = None if is_word is None else is_word[:, None, None, :]  # (B, 1, 1, T)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, nh, N, hd)
        return self.o_proj(y.transpose(1, 2).reshape(B, N, C))

    def _heads(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        return x.reshape(B, T, self.num_heads, C // self.num_heads).transpose(1, 2)  # (B, nh, T, hd)


def mlp(width: int, ratio: int) -> nn.Sequential:
    """Each token by itself: width → ratio · width, GELU, back."""
    return nn.Sequential(nn.Linear(width, ratio * width), nn.GELU(), nn.Linear(ratio * width, width))


def group_norm(channels: int) -> nn.GroupNorm:
    """Of up to eight groups; of fewer than four channels, a mean would take away what their filters add."""
    groups = math.gcd(MOST_GROUPS, channels // LEAST_CHANNELS) if channels % LEAST_CHANNELS == 0 else 1
    return nn.GroupNorm(groups, channels)


def nothing_at_first(layer: nn.Module) -> nn.Module:
    """A layer that adds nothing before it has learnt."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def waves(time: Tensor, width: int) -> Tensor:
    """(B, width) sines and cosines of times (B,), from slow to fast, as the positions of a Transformer."""
    steps = torch.arange(width // 2, device=time.device, dtype=time.dtype) / max(1, width // 2 - 1)
    angles = time[:, None] * SLOWEST * torch.exp(steps * math.log(FASTEST / SLOWEST))  # (B, width / 2)
    return F.pad(torch.cat([angles.sin(), angles.cos()], dim=1), (0, width % 2))


Model = Flow
